"""Periods in questions, as people write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from newsdesk.index.query import periods
from newsdesk.index.query.periods import find_period

NOW = datetime(2026, 11, 28, 12)  # a Saturday


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("what happened in Elmby in Dec. 2021?", "2021-12-01", "2021-12-31"),
        ("who spoke in Sept. 2019 on gas", "2019-09-01", "2019-09-30"),
        ("what happened on Dec. 3, 2021?", "2021-12-03", "2021-12-03"),
        ("who won on 3 Dec. 2021", "2021-12-03", "2021-12-03"),
        ("who won on Friday, 3 December 2021", "2021-12-03", "2021-12-03"),
        ("who won on the 3rd of May", "2026-05-03", "2026-05-03"),
        ("who won on the 3rd of December", "2025-12-03", "2025-12-03"),
        ("who won on the 1st of May 2019?", "2019-05-01", "2019-05-01"),
        ("what did it bring between 1 May and 5 June 2021?", "2021-05-01", "2021-06-05"),
        ("talks between May and June 2021", "2021-05-01", "2021-06-30"),
        ("talks from 20 Dec. to 5 Jan. 2022", "2021-12-20", "2022-01-05"),
        ("talks between May 1 and June 5, 2021", "2021-05-01", "2021-06-05"),
        ("talks between the 1st and the 5th of June 2021", "2021-06-01", "2021-06-05"),
        ("talks between 1 May and 5 June", "2026-05-01", "2026-06-05"),
        ("talks from 03/11/2026 to 13/11/2026", "2026-11-03", "2026-11-13"),
        ("what was said the day before yesterday?", "2026-11-26", "2026-11-26"),
        ("what was said since the day before yesterday?", "2026-11-26", "None"),
        ("what was said the week before last", "2026-11-09", "2026-11-15"),
        ("what did sales do in Q1 2021?", "2021-01-01", "2021-03-31"),
        ("what did sales do in the first quarter of 2021?", "2021-01-01", "2021-03-31"),
        ("sales in the second half of 2020", "2020-07-01", "2020-12-31"),
        ("sales last quarter", "2026-07-01", "2026-09-30"),
        ("sales this quarter", "2026-10-01", "2026-11-28"),
        ("who won in Dec '21", "2021-12-01", "2021-12-31"),
        ("who won in '21?", "2021-01-01", "2021-12-31"),
        ("who won on 13/12/21", "2021-12-13", "2021-12-13"),
        ("who won on 2021/12/03?", "2021-12-03", "2021-12-03"),
        ("who won on 3.12.2021?", "2021-12-03", "2021-12-03"),
        ("who won in 2021?", "2021-01-01", "2021-12-31"),
        ("who won throughout 2021?", "2021-01-01", "2021-12-31"),
        ("who won in May of last year?", "2025-05-01", "2025-05-31"),
        ("who won in May last year?", "2025-05-01", "2025-05-31"),
        ("sales in the last fortnight", "2026-11-14", "2026-11-28"),
        ("sales in the third quarter", "2026-07-01", "2026-09-30"),
        ("sales since the first quarter", "2026-01-01", "None"),
    ],
)
def test_days_are_read_as_people_write_them(question: str, since: str, until: str) -> None:
    period = find_period(question, NOW)
    assert period
    assert (str(period.since), str(period.until)) == (since, until)


@pytest.mark.parametrize(
    "question",
    [
        *("in 2021/22", "who won on 03/11/2026?", "in the first quarter of the match", "on 1.5"),
        *("the third quarter", "who won Q", "since when", "at 12/24"),
    ],
)
def test_what_is_no_day_or_may_be_two_narrows_nothing(question: str) -> None:
    assert find_period(question, NOW) is None


@pytest.mark.parametrize(
    "question",
    [
        *("what has risen since May became prime minister?", "what has since May left changed"),
        *("what has changed since April moved to Elmby?", "what opened since Sunday became free"),
        *(
            "who left This Morning?",
            "what did USA Today say of gas?",
            "who was in Last Night in Soho",
        ),
        *("what did the mayor do after March died?", "before August was arrested, who led it"),
    ],
)
def test_what_may_be_a_name_narrows_tentatively(question: str) -> None:
    period = find_period(question, NOW)
    assert period is None or period.tentative


@pytest.mark.parametrize(
    "question",
    [
        *("what has changed since May?", "news since May on gas", "what did he do since Monday"),
        *("what, since Monday, did he say", "who left this morning?", "since April what has risen"),
        *("Last week's news on gas", "What Has Changed Since Monday", "WHAT CHANGED THIS WEEK"),
    ],
)
def test_what_can_be_nothing_else_narrows_for_certain(question: str) -> None:
    period = find_period(question, NOW)
    assert period
    assert not period.tentative


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("what was decided on 1-5 May 2021?", "2021-05-01", "2021-05-05"),
        ("what was decided on May 1-5, 2021?", "2021-05-01", "2021-05-05"),
        ("what was decided from the 1st to the 5th of May?", "2026-05-01", "2026-05-05"),
        ("who led the council in 2019-2021?", "2019-01-01", "2021-12-31"),
        ("results for Q3 2021", "2021-07-01", "2021-09-30"),
        ("what happened in early 2021?", "2021-01-01", "2021-12-31"),
        ("what happened at the end of May 2021?", "2021-05-01", "2021-05-31"),
        ("what happened in the summer of 2021?", "2021-01-01", "2021-12-31"),
        ("what happened since late May 2021?", "2021-05-01", "None"),
        ("what happened on the third of May?", "2026-05-03", "2026-05-03"),
        ("who resigned last December?", "2025-12-01", "2025-12-31"),
        ("who was mayor in the year 2021?", "2021-01-01", "2021-12-31"),
    ],
)
def test_days_said_in_other_ways_are_read(question: str, since: str, until: str) -> None:
    period = find_period(question, datetime(2026, 11, 28, 12))
    assert period
    assert (str(period.since), str(period.until)) == (since, until)


@pytest.mark.parametrize(
    "question",
    [
        "what happened two days before yesterday?",
        "what ended before late 2021?",
        "who voted for May?",
        "what happened on 31 February 2021?",
    ],
)
def test_days_that_are_not_understood_narrow_nothing(question: str) -> None:
    assert find_period(question, datetime(2026, 11, 28, 12)) is None


@pytest.mark.parametrize(
    "days",
    [
        *("this week", "this morning", "last night", "last May", "last Friday", "tonight", "today"),
        *(
            "yesterday",
            "two weeks ago",
            "Monday",
            "Friday",
            "may",
            "Sept.",
            "3rd June",
            "the past year",
        ),
        *(
            "the third of June",
            "Q3",
            "2021",
            "'21",
            "13/2/2021",
            "2021-W12",
            "H1 2021",
            "12 and 15 June",
        ),
        *(
            "the first half of 2021",
            "week 3 of 2021",
            "the week before last",
            "the last three days",
        ),
        *(
            "1-5 May",
            "2019-2021",
            "5.2021",
            "the summer of 2021",
            "the past few days",
            "1 May to 5 May",
        ),
    ],
)
def test_a_question_that_names_days_is_looked_at_closer(days: str) -> None:
    questions = [
        f"who met {how}{days}" for how in ("", "in ", "since ", "between ", "from ", "for ")
    ]
    found = [periods._found(question, NOW) for question in questions]
    assert any(found)
    assert [find_period(question, NOW) for question in questions] == found
