"""Schedules as AWS writes them, cron(minutes hours day month weekday year): how long they may be idle."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

from state import Unknown

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
EVERY = ("*", "?")
WITNESS = (date(2027, 1, 1), date(2029, 1, 1))
"""Two years, one of them a leap year, over which the days of a schedule are looked at."""

_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_PART = re.compile(r"(\w+|\*)(?:-(\w+))?(?:/(\d+))?")


def longest_pause(schedule: str) -> int:
    """The most days from one run of a schedule to the next; raises Unknown for what is not read here.

    One that runs every day, once or more often, never pauses longer than a day.
    """
    if not (match := _CRON.fullmatch(schedule.strip())):
        raise Unknown(f"how often {schedule} runs is not known here")
    _, _, day, month, weekday, _ = match.groups()
    days, months, weekdays = _numbers(day, 1, 31, ()), _numbers(month, 1, 12, MONTHS), _numbers(weekday, 1, 7, WEEKDAYS)
    first, last = WITNESS
    every = (first + timedelta(days=number) for number in range((last - first).days))
    runs = [
        each for each in every if each.month in months and each.day in days and each.isoweekday() % 7 + 1 in weekdays
    ]
    if not runs:
        raise Unknown(f"how often {schedule} runs is not known here")
    return max(((after - before).days for before, after in pairwise(runs)), default=(last - first).days)


def _numbers(field: str, least: int, most: int, names: tuple[str, ...]) -> set[int]:
    """What a field admits; its last day, nearest weekdays and the like are not read."""
    if field in EVERY:
        return set(range(least, most + 1))
    found: set[int] = set()
    for part in field.upper().split(","):
        if part == "L" and most == 31:
            found.add(28)  # one day near a month's end is as good as another
            continue
        if not (match := _PART.fullmatch(part)):
            raise Unknown(f"the days of {field} are not known here")
        start, end, step = match.groups()
        low = least if start == "*" else _number(start, names)
        high = _number(end, names) if end else (most if step or start == "*" else low)
        found |= set(range(low, high + 1, int(step or 1)))
    return found


def _number(text: str, names: tuple[str, ...]) -> int:
    if text in names or text.isdigit():
        return names.index(text) + 1 if text in names else int(text)
    raise Unknown(f"the days of {text} are not known here")
