"""Working calendars, promised times and commitments between departments as dated data. Refuses to work out a clock."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from zhike.core.policies import Family, register
from zhike.service.clocks import Calendar, CalendarRefused

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WINDOW = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
ANY = "any"
Kind = Literal["any", "consult", "apply", "feedback", "complaint", "fault", "need"]
Assurance = Literal["any", "AAA", "AA", "A", "normal"]
Reason = Literal["waiting_customer", "access_refused"]
Minutes = Field(ge=1, le=60 * 24 * 366)


class Body(BaseModel):
    """A part of a body: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def windows_of(text: str) -> list[tuple[int, int]]:
    """Return windows written as people write them, in minutes; one that ends earlier than it begins runs overnight.

    >>> windows_of("08:30-12:00 22:00-06:00")
    [(510, 720), (1320, 1800)]

    Raises
    ------
    ValueError
        When a piece of the text is no window.
    """
    found = []
    for piece in text.replace("，", " ").replace(",", " ").replace("–", "-").split():
        match = WINDOW.fullmatch(piece)
        hours = [int(one) for one in match.groups()] if match else []
        if not match or hours[0] > 23 or hours[1] > 59 or hours[3] > 59 or hours[2] * 60 + hours[3] > 24 * 60:
            raise ValueError(f"“{piece}”不是时段，应写作 08:00-12:00 / “{piece}” is no window such as 08:00-12:00")
        begin, end = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        if begin == end:
            raise ValueError(
                f"“{piece}”起止相同；全天写作 00:00-24:00 / “{piece}” is empty; a whole day is 00:00-24:00"
            )
        found.append((begin, end if end > begin else end + 24 * 60))
    return found


class Hours(Body):
    """The hours of one calendar: windows of each weekday as text; an empty text is a rest day."""

    code: str = Field(min_length=1, max_length=40)
    zone: str = "Asia/Shanghai"
    public_holidays: bool
    monday: str = ""
    tuesday: str = ""
    wednesday: str = ""
    thursday: str = ""
    friday: str = ""
    saturday: str = ""
    sunday: str = ""

    @field_validator(*WEEKDAYS)
    @classmethod
    def _readable(cls, text: str) -> str:
        windows_of(text)
        return text

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (LookupError, ValueError, OSError) as error:
            raise ValueError(f"没有时区 {zone}，例如 Asia/Shanghai / no zone {zone}") from error
        return zone


class Holiday(Body):
    """Days off in a row, first and last included."""

    name: str
    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.first <= self.last <= self.first + timedelta(days=20):
            raise ValueError(f"{self.name}: 首日须不晚于末日，且不超过 21 天 / first day first, 21 days at most")
        return self


class MakeUpDay(Body):
    """A rest day that is worked, and the weekday whose hours it has."""

    day: date
    follows: Weekday = "monday"


class SingleDay(Body):
    """A day with hours of its own in one calendar, stronger than holidays; without hours it is closed."""

    calendar: str
    day: date
    hours: str = ""

    @field_validator("hours")
    @classmethod
    def _readable(cls, text: str) -> str:
        windows_of(text)
        return text


class Calendars(Body):
    """All calendars, the public holidays they share, and the year up to which those are published."""

    calendars: list[Hours] = Field(min_length=1)
    published_until: int = Field(ge=2020, le=2100)
    holidays: list[Holiday] = Field(default_factory=list)
    make_up_days: list[MakeUpDay] = Field(default_factory=list)
    single_days: list[SingleDay] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [one.code for one in self.calendars]
        if len(set(codes)) < len(codes):
            raise ValueError("同一日历写了两次 / a calendar is listed twice")
        for single in self.single_days:
            if single.calendar not in codes:
                raise ValueError(f"没有日历 {single.calendar} / no calendar {single.calendar}")
        try:
            self.built()
        except CalendarRefused as error:
            raise ValueError(REFUSED[error.code].replace("{}", error.detail)) from error
        return self

    def built(self) -> dict[str, Calendar]:
        """Return each calendar as clocks use it."""
        off = {
            one.first + timedelta(days=day): one.name
            for one in self.holidays
            for day in range((one.last - one.first).days + 1)
        }
        made_up = {one.day: WEEKDAYS.index(one.follows) for one in self.make_up_days}
        return {
            one.code: Calendar(
                one.code,
                tuple(
                    (number, begin, end)
                    for number, name in enumerate(WEEKDAYS)
                    for begin, end in windows_of(getattr(one, name))
                ),
                zone=one.zone,
                holidays=off if one.public_holidays else {},
                working_days=made_up if one.public_holidays else {},
                days={day.day: tuple(windows_of(day.hours)) for day in self.single_days if day.calendar == one.code},
                known_until=self.published_until if one.public_holidays else 0,
            )
            for one in self.calendars
        }


REFUSED = {
    "weekday": "调休上班日照搬的那个星期几没有服务时段（{}）/ a make-up day follows a weekday without hours ({})",
    "window": "时段不成立（{}）/ no window: {}",
    "empty": "日历 {} 一周没有任何服务时段 / calendar {} has no hours at all",
    "both": "{} 既是节假日又是调休上班日 / {} is both a holiday and a make-up day",
}


class Target(Body):
    """What is promised for a kind of request at an assurance level, in minutes of service; empty: not promised."""

    kind: Kind
    assurance: Assurance
    calendar: str
    first_contact_minutes: int | None = Minutes
    resolution_minutes: int | None = Minutes
    call_back_minutes: int | None = Field(default=None, ge=1, le=60 * 24 * 366)
    reply_minutes: int | None = Field(default=None, ge=1, le=60 * 24 * 366)

    def fits(self, kind: str, assurance: str) -> bool:
        """Return whether it is for such a request."""
        return self.kind in (ANY, kind) and self.assurance in (ANY, assurance)


class ServiceTargets(Body):
    """Promised times in their order: the first that fits decides. The legal limit counts every day for all."""

    targets: list[Target] = Field(min_length=1)
    urgent_share: float = Field(ge=0.1, le=1)
    critical_share: float = Field(ge=0.1, le=1)
    warn_share: float = Field(ge=0.1, le=1)
    legal_days: int = Field(ge=1, le=15)
    pause_reasons: list[Reason] = Field(default_factory=list)

    @model_validator(mode="after")
    def _none_is_left_out(self) -> Self:
        if (self.targets[-1].kind, self.targets[-1].assurance) != (ANY, ANY):
            raise ValueError("最后一条须适用于所有工单，否则有工单无时限 / the last target must fit every request")
        return self

    def target_for(self, kind: str, assurance: str) -> Target:
        """Return what is promised for a request; one of an unknown customer is of the normal level."""
        return next(one for one in self.targets if one.fits(kind, assurance or "normal"))


class Commitment(Body):
    """What a function of department owes the one in front: minutes by its own calendar for one having of a request."""

    function: str = Field(min_length=1, max_length=30)
    kind: Kind
    assurance: Assurance
    minutes: int = Field(ge=1, le=60 * 24 * 366)
    pause_reasons: list[Reason] = Field(default_factory=list)

    def fits(self, function: str, kind: str, assurance: str) -> bool:
        """Return whether it is for this department and request."""
        mine = self.function in (ANY, function) and self.kind in (ANY, kind)
        return mine and self.assurance in (ANY, assurance)


class Commitments(Body):
    """Commitments in their order: the first that fits decides; where none fits, none is owed."""

    commitments: list[Commitment] = Field(min_length=1)
    warn_share: float = Field(ge=0.1, le=1)

    def commitment_for(self, function: str, kind: str, assurance: str) -> Commitment | None:
        """Return what a department owes for a request, if anything."""
        held = assurance or "normal"
        return next((one for one in self.commitments if one.fits(function, kind, held)), None)


SEEDS = Path(__file__).parent / "seeds"
CALENDARS = register(Family("calendars", Calendars, SEEDS / "calendars.yaml"))
SERVICE_TARGETS = register(
    Family("service_targets", ServiceTargets, SEEDS / "service_targets.yaml", second_person=True)
)
COMMITMENTS = register(Family("commitments", Commitments, SEEDS / "commitments.yaml", second_person=True))
