"""onboarding-to-advocate: live loggers, calm alarms, a first report; then a question, and what follows from it."""

from tests.journeys.letters import faults_of_journey, faults_of_letters, journey
from tests.journeys.story import play

NAME = "onboarding-to-advocate"
SMOOTH = [(4, "logger_live"), (30, "audit_report_made")]


def test_it_may_be_published():
    assert faults_of_journey(NAME) == []


def test_every_letter_is_one_we_would_send():
    assert faults_of_letters(NAME) == []


def test_its_purpose_is_one_sentence():
    assert journey(NAME).purpose.count(".") == 1


def test_a_customer_who_does_well_hears_at_each_date_of_the_plan():
    assert play(journey(NAME), SMOOTH).letters == (
        (0, "hana-and-the-plan"),
        (4, "first-logger-live"),
        (21, "tune-alarms"),
        (30, "their-number"),
        (75, "one-question"),
    )


def test_no_live_logger_on_day_5_is_a_task_for_hana():
    letters = play(journey(NAME), [(9, "logger_live")]).letters

    assert letters[1:4] == ((5, "task-first-logger"), (9, "first-logger-live"), (21, "tune-alarms"))


def test_nobody_tunes_alarms_of_loggers_that_are_not_live():
    assert "tune-alarms" not in play(journey(NAME)).steps()


def test_a_report_made_before_day_21_still_brings_its_number():
    played = play(journey(NAME), [(4, "logger_live"), (10, "audit_report_made")])

    assert (21, "their-number") in played.letters


def test_a_promoter_is_asked_for_a_reference_and_it_is_on_record():
    played = play(journey(NAME), [*SMOOTH, (76, "promoter_told")])

    assert played.letters[-1] == (76, "ask-reference")
    assert played.recorded == ("reference_asked",)


def test_nobody_is_asked_for_a_reference_twice_in_180_days():
    played = play(journey(NAME), [*SMOOTH, (76, "promoter_told")], before=[(-60, "reference_asked")])

    assert played.steps()[-1] == "one-question"


def test_an_ask_of_last_year_does_not_count():
    played = play(journey(NAME), [*SMOOTH, (76, "promoter_told")], before=[(-120, "reference_asked")])

    assert played.steps()[-1] == "ask-reference"


def test_a_detractor_gets_a_call_and_no_ask():
    played = play(journey(NAME), [*SMOOTH, (80, "detractor_told")])

    assert played.letters[-1] == (80, "task-call-detractor")
    assert played.recorded == ()


def test_ending_marketing_mail_does_not_end_what_makes_the_product_work():
    assert "tune-alarms" in play(journey(NAME), [(2, "unsubscribed"), (4, "logger_live")], may_market=False).steps()
