"""What does a previewed journey look like in a browser? One page that needs nothing from anywhere."""

from __future__ import annotations

from html import escape

from leadloom.runtime.preview import JourneyPreview, PreviewStep

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2733 }
h2 { margin: 2.5rem 0 .25rem } p { margin: .25rem 0 } .when, .ways { color: #55606d }
.now { font-weight: 600; color: #1d2733 } .fault { color: #9b1c1c }
iframe { width: 100%; height: 34rem; border: 1px solid #c9d1d9; background: #fff; margin-top: .5rem }
""".strip()


def page_of(made: JourneyPreview) -> str:
    """The page, as HTML."""
    name = escape(made.journey.name)
    allowed = "may get" if made.may_market else "may not get"
    who = f"For {escape(made.lead_name)}, who {allowed} marketing mail today; times in {escape(made.zone)}."
    steps = "\n".join(_step(step) for step in made.steps)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{name}</h1>\n<p>{escape(made.journey.purpose)}</p>\n<p>{who}</p>\n{steps}\n</html>\n"
    )


def _step(step: PreviewStep) -> str:
    parts = [f"<h2>{escape(step.words)}</h2>", f'<p class="when">{escape(step.step)}{_when(step)}</p>']
    for way in step.ways:
        mark = ' class="ways now"' if way.holds_now else ' class="ways"'
        parts.append(f"<p{mark}>{escape(way.when)} → {escape(way.to)}</p>")
    if step.mail is not None:
        parts += _mail(step)
    return "\n".join(parts)


def _when(step: PreviewStep) -> str:
    return f", not before {step.first_at:%Y-%m-%d %H:%M %Z}" if step.first_at else ""


def _mail(step: PreviewStep) -> list[str]:
    mail = step.mail
    if mail is None:
        return []
    parts = [f'<p class="fault">{escape(mail.fault)}</p>'] if mail.fault else []
    if mail.rendered is None:
        return parts
    to = f" to {mail.to}" if mail.to else ""
    head = f"{mail.rendered.subject}, {mail.mail_class} mail{to}, signed by {mail.sender}"
    # Sandboxed: nothing a letter holds may run or lead anywhere from here.
    frame = f'<iframe sandbox title="{escape(mail.mail)}" srcdoc="{escape(mail.rendered.html)}"></iframe>'
    return [*parts, f"<p>{escape(head)}</p>", frame]
