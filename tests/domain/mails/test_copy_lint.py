"""Would we send this mail? A letter that passes, and one change at a time that must not."""

import pytest

from leadloom.domain.mails.copy_lint import Copy, link_targets, lint, word_count

LINK = "https://go.kelvance.example/t/c/1"
YES, NO = "https://go.kelvance.example/a/yes", "https://go.kelvance.example/a/no"


def letter(
    words: str = "A pallet waits for nine minutes.",
    *,
    greeting: str = "Hello Ana,",
    subject: str = "Nine minutes on the dock",
    links: tuple[tuple[str, str], ...] = (("Read it", LINK),),
    text_words: str | None = None,
    signed: str = "Priya Nair",
    answers: frozenset[str] = frozenset(),
) -> Copy:
    asks = "".join(f'<p><a href="{url}">{label}</a></p>' for label, url in links)
    written = "".join(f"\n{label}:\n{url}\n" for label, url in links)
    return Copy(
        subject=subject,
        html=(
            f'<div class="preheader">Not counted</div><div class="words"><p>{greeting}</p><p>{words}</p>{asks}'
            f"<p>{signed}<br>Kelvance</p></div><div><a href='https://x.example/u'>Unsubscribe</a></div>"
        ),
        text=f"{greeting}\n\n{text_words or words}\n{written}\n{signed}\nKelvance\n\n-- \nUnsubscribe: https://x.example/u\n",
        sender="Priya Nair",
        answers=answers,
    )


def test_a_good_letter_passes_with_and_without_a_first_name():
    assert lint(letter(), without_name=letter(greeting="Hello,")) == ()


def test_a_subject_of_50_characters_passes_and_51_do_not():
    assert lint(letter(subject="x" * 50)) == ()
    assert lint(letter(subject="x" * 51)) == ("The subject has 51 characters; 50 is the most.",)


def test_130_words_pass_and_131_do_not():
    around = word_count(letter(" ").text)
    full = "word " * (130 - around)

    assert lint(letter(full.strip())) == ()
    assert lint(letter(f"{full}word")) == ("The text has 131 words; 130 is the most.",)


def test_addresses_and_the_footer_are_no_words():
    assert word_count("One two.\n\nRead it:\nhttps://x.example/a/long/one\n\n-- \nThree four five") == 4


def test_two_links_are_two_asks():
    faults = lint(letter(links=(("Read it", LINK), ("Or this", "https://go.kelvance.example/t/c/2"))))

    assert len(faults) == 1
    assert faults[0].startswith("The mail asks for 2 things")


def test_the_same_link_twice_is_one_ask():
    assert link_targets(letter(links=(("Read it", LINK), ("Again", LINK))).html) == (LINK,)


def test_the_answers_to_one_question_are_one_ask():
    question = (("Yes", YES), ("No", NO))

    assert lint(letter(links=question, answers=frozenset({YES, NO}))) == ()
    assert lint(letter(links=question)) != ()


def test_a_question_and_a_link_are_two_asks():
    both = (("Yes", YES), ("Read it", LINK))

    assert any("2 things" in fault for fault in lint(letter(links=both, answers=frozenset({YES}))))


def test_a_letter_that_nobody_signs_is_refused():
    assert lint(letter(signed="The team")) == (
        "Nobody signs: the sender's name stands on no line of its own above the footer.",
    )


def test_a_notice_needs_no_signature():
    assert lint(letter(signed="The team").model_copy(update={"sender": None})) == ()


@pytest.mark.parametrize("words", ["Click here to read it.", "Read it now!", "This is your last chance.", "Act now."])
def test_shouting_and_fear_are_refused(words: str):
    assert any("says" in fault for fault in lint(letter(words)))


@pytest.mark.parametrize(
    "greeting", ["Hello ,", "Hello None,", "Hello, ,", "Hello {{ lead.first_name }},", "Hello  there,"]
)
def test_a_hole_where_the_first_name_was_is_found(greeting: str):
    faults = lint(letter(), without_name=letter(greeting=greeting))

    assert faults
    assert all(fault.startswith("Without a first name: ") for fault in faults)


def test_parts_that_say_different_things_are_refused_with_the_place():
    faults = lint(letter("It takes nine minutes.", text_words="It takes ten minutes."))

    assert faults == ("After “Ana It takes” HTML says “nine” where the text says “ten”.",)


def test_a_part_that_says_less_is_refused():
    copy = letter()
    shorter = copy.model_copy(update={"html": copy.html.replace("<br>Kelvance", "")})

    assert lint(shorter) == ("The text goes on where the other part ends: “Kelvance”.",)


def test_parts_that_lead_to_different_places_are_refused():
    copy = letter()
    elsewhere = copy.model_copy(update={"text": copy.text.replace(LINK, "https://elsewhere.example/")})

    assert lint(elsewhere) == ("HTML and text lead to different places, or in a different order.",)


def test_numbered_and_bulleted_lines_are_the_same_as_list_items():
    copy = letter("<ol><li>Choose the lane.</li><li>Sign.</li></ol>", text_words="1. Choose the lane.\n2. Sign.")

    assert lint(copy) == ()
