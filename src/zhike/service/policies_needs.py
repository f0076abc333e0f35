"""Standard routes of needs as dated data: which function of department answers which class. Refuses a class without."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from zhike.core.policies import Family, register

ANY = "any"


class NeedRoute(BaseModel):
    """One route: a class of needs (``any`` leaves a side of it open) and the function that answers it."""

    need_scope: Literal["any", "company", "personal"]
    need_side: Literal["any", "government", "enterprise"]
    need_class: Literal["any", "communication", "industry", "support"]
    function: str = Field(min_length=1, max_length=30)

    def fits(self, scope: str, side: str, business_class: str) -> bool:
        """Return whether a need of this class takes the route.

        >>> NeedRoute(need_scope="any", need_side="government", need_class="any", function="account").fits(
        ...     "company", "government", "support")
        True
        """
        given = ((self.need_scope, scope), (self.need_side, side), (self.need_class, business_class))
        return all(wanted in (ANY, found) for wanted, found in given)


class NeedRoutes(BaseModel):
    """The routes in their order: the first that fits decides."""

    routes: list[NeedRoute] = Field(min_length=1)

    @model_validator(mode="after")
    def _none_is_left_out(self) -> NeedRoutes:
        last = self.routes[-1]
        if {last.need_scope, last.need_side, last.need_class} != {ANY}:
            raise ValueError("最后一条须适用于所有需求 / the last route must fit every need")
        return self

    def function_for(self, scope: str, side: str, business_class: str) -> str:
        """Return the function of the department that answers a need of this class."""
        return next(one.function for one in self.routes if one.fits(scope, side, business_class))


NEED_ROUTES = register(Family("need_routes", NeedRoutes, Path(__file__).parent / "seeds" / "need_routes.yaml"))
