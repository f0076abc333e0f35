"""Pages of people: the list, one person, regions and teams, my own security. Refuses rules: those are in actions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.audit_queries import changes_of_row
from zhike.core.looks import ReasonMissing, record_look
from zhike.core.masking import mask_email, mask_phone
from zhike.core.paging import PAGE_SIZES, CursorInvalid
from zhike.core.toasts import toast
from zhike.core.web import page
from zhike.people import actions, forms, queries
from zhike.people.audit_words import told_change
from zhike.people.roles import ROLES

REFUSALS = {
    "code_taken": gettext_lazy("这个编码已经有了。"),
    "own_rights": gettext_lazy("自己的角色、区域、班组和在职状态，要请另一位管理员来改。"),
    "own_code": gettext_lazy("自己的密码和第二步验证在「我的安全」里改。"),
    "last_administrator": gettext_lazy("至少要留一位系统管理员。先让另一位担任，再改这一位。"),
    "inactive": gettext_lazy("这个人已停用，先恢复再发口令。"),
    "login_taken": gettext_lazy("这个工号已被别的登录名占用。"),
    "no_sign_in": gettext_lazy("这个人还没有登录名。"),
    "region_needed": gettext_lazy("这个角色要选区域，否则什么也看不到。"),
    "team_needed": gettext_lazy("班组长要选班组，否则什么也看不到。"),
    "region_in_itself": gettext_lazy("上级区域不能是自己或自己的下级。"),
    "region_too_deep": gettext_lazy("区域层级太深。"),
}
FIELD_OF = {"code_taken": "code", "region_needed": "region", "team_needed": "team", "region_in_itself": "parent"}


def page_size(request: Any) -> int:
    """Return the rows a page that the address asks for, or the usual number."""
    asked = request.GET.get("size", "")
    return int(asked) if asked in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]


@page("people.view")
@require_GET
def people_list(request: Any) -> HttpResponse:
    """The list of people whom the actor may see."""
    form = forms.PeopleFilterForm(request.actor, request.GET)
    size, wanted = page_size(request), form.wanted()
    try:
        found = queries.people_page(request.actor, wanted, size=size, cursor=request.GET.get("cursor", ""))
    except CursorInvalid:
        found = queries.people_page(request.actor, wanted, size=size)
    locked = queries.locked_names([row.user.username for row in found.rows if row.user])
    context = {
        "form": form,
        "page": found,
        "size": size,
        "locked": locked,
        "roles": ROLES,
        "may_manage": request.actor.may("people.manage"),
        "asked": any((wanted.text, wanted.role, wanted.region, wanted.team, wanted.state)),
    }
    return render(request, "people/list.html", context)


@page("people.view")
@require_GET
def person(request: Any, staff_id: int) -> HttpResponse:
    """One person: what they are, what they may, how they sign in."""
    return render(request, "people/person.html", _person_context(request, staff_id))


@page("people.view")
@require_POST
def show_field(request: Any, staff_id: int, field: str) -> HttpResponse:
    """Show a masked value of a person, once the reason is on record."""
    staff = _found(queries.person(request.actor, staff_id))
    masks = {"mobile": (mask_phone, _("手机")), "email": (mask_email, _("邮箱"))}
    if field not in masks or not request.actor.may("personal.show"):
        raise Http404
    mask, label = masks[field]
    value = getattr(staff, field)
    reason = request.POST.get("reason", "").replace("\x00", "")[:300]
    shown: dict[str, Any] = {"label": label, "url": reverse("people:show", args=[staff.pk, field])}
    try:
        record_look(
            request.actor,
            subject_table="people_staff",
            subject_id=staff.pk,
            subject_name=staff.name,
            field=field,
            reason=reason,
        )
    except ReasonMissing:
        shown |= {"value": mask(value), "error": _("请写明原因，至少四个字。"), "reason": reason}
        return render(request, "people/shown.html", shown, status=422)
    return render(request, "people/shown.html", {"value": value, "label": label, "url": ""})


@page("people.manage")
@require_http_methods(["GET", "POST"])
def create(request: Any) -> HttpResponse:
    """Enter a new member of staff."""
    form = forms.PersonForm(request.actor, request.POST or None, new=True)
    if request.method == "POST" and form.is_valid():
        try:
            staff = actions.create_person(request.actor, code=form.cleaned_data["code"], facts=form.facts())
        except actions.Refused as refusal:
            _say(form, refusal)
        else:
            toast(request, _("已新建 %(name)s。发一次性口令后就能登录。") % {"name": staff.name})
            return redirect("people:person", staff.pk)
    return render(request, "people/form.html", {"form": form, "staff": None}, status=_status(request, form))


@page("people.manage")
@require_http_methods(["GET", "POST"])
def change(request: Any, staff_id: int) -> HttpResponse:
    """Change a member of staff."""
    staff = _found(queries.person(request.actor, staff_id))
    form = forms.PersonForm(request.actor, request.POST or None, initial=forms.initial_person(staff))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_person(request.actor, staff.pk, form.facts())
        except actions.Refused as refusal:
            _say(form, refusal)
        else:
            toast(request, _("已保存，下一次点击起生效。"))
            return redirect("people:person", staff.pk)
    return render(request, "people/form.html", {"form": form, "staff": staff}, status=_status(request, form))


@page("people.manage")
@require_POST
def deactivate(request: Any, staff_id: int) -> HttpResponse:
    """Take away all access of a person."""
    staff = _found(queries.person(request.actor, staff_id))
    return _act(
        request,
        staff.pk,
        lambda: actions.deactivate_person(request.actor, staff.pk),
        _("已停用 %(name)s，打开的页面也已失效。") % {"name": staff.name},
        undo=reverse("people:reactivate", args=[staff.pk]),
    )


@page("people.manage")
@require_POST
def reactivate(request: Any, staff_id: int) -> HttpResponse:
    """Give a person's access back."""
    staff = _found(queries.person(request.actor, staff_id))
    said = _("已恢复 %(name)s。") % {"name": staff.name}
    return _act(request, staff.pk, lambda: actions.reactivate_person(request.actor, staff.pk), said)


@page("people.manage")
@require_POST
def unlock(request: Any, staff_id: int) -> HttpResponse:
    """Lift the lock on a person's login name."""
    staff = _found(queries.person(request.actor, staff_id))
    said = _("已解除锁定。")
    return _act(request, staff.pk, lambda: actions.unlock_person(request.actor, staff.pk, request=request), said)


@page("people.manage")
@require_POST
def remove_factors(request: Any, staff_id: int) -> HttpResponse:
    """Remove the second factors of somebody who has lost them."""
    staff = _found(queries.person(request.actor, staff_id))
    said = _("已清除第二步验证，本人下次登录时重新设置。")
    return _act(
        request, staff.pk, lambda: actions.remove_second_factors(request.actor, staff.pk, request=request), said
    )


@page("people.manage")
@require_POST
def issue_code(request: Any, staff_id: int) -> HttpResponse:
    """Make a one-time code and show it, once."""
    staff = _found(queries.person(request.actor, staff_id))
    try:
        code = actions.issue_code(request.actor, staff.pk, request=request)
    except actions.Refused as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
        return redirect("people:person", staff.pk)
    context = _person_context(request, staff.pk) | {"code": code, "hours": actions.CODE_HOURS}
    return render(request, "people/person.html", context)


@page("people.view")
@require_GET
def places(request: Any) -> HttpResponse:
    """Regions and teams."""
    return render(request, "people/places.html", _places_context(request))


@page("people.manage")
@require_http_methods(["GET", "POST"])
def region(request: Any, region_id: int = 0) -> HttpResponse:
    """Enter or change a region."""
    one = _found({row.pk: row for row in queries.regions(request.actor)}.get(region_id)) if region_id else None
    start = {"code": one.code, "name": one.name, "parent": one.parent_id or ""} if one else {}
    form = forms.RegionForm(request.actor, request.POST or None, initial=start)
    return _save_place(request, form, one, _("已保存区域。"), actions.save_region, "region_id", one and one.pk)


@page("people.manage")
@require_http_methods(["GET", "POST"])
def team(request: Any, team_id: int = 0) -> HttpResponse:
    """Enter or change a team."""
    one = _found({row.pk: row for row in queries.teams(request.actor)}.get(team_id)) if team_id else None
    start = {"code": one.code, "name": one.name, "region": one.region_id or ""} if one else {}
    form = forms.TeamForm(request.actor, request.POST or None, initial=start)
    return _save_place(request, form, one, _("已保存班组。"), actions.save_team, "team_id", one and one.pk)


def _person_context(request: Any, staff_id: int) -> dict[str, Any]:
    staff = _found(queries.person(request.actor, staff_id))
    actor = request.actor
    manages, audits = actor.may("people.manage"), actor.may("audit.view")
    history = changes_of_row(actor, "people_staff", staff.pk) if audits else []
    return {
        "staff": staff,
        "role": ROLES[staff.role],
        "itself": staff.pk == actor.staff_id,
        "may_manage": manages,
        "may_show": actor.may("personal.show"),
        "may_hand_over": actor.may("accounts.handover"),
        "audits": audits,
        "locked": bool(staff.user and queries.locked_names([staff.user.username])),
        "sign_ins": queries.open_sign_ins(staff.user.pk) if staff.user and (manages or audits) else [],
        "history": [told_change(entry) for entry in history],
    }


def _places_context(request: Any) -> dict[str, Any]:
    return {
        "regions": [(forms.indented(row), row) for row in queries.regions(request.actor)],
        "teams": queries.teams(request.actor),
        "may_manage": request.actor.may("people.manage"),
    }


def _save_place(
    request: Any, form: Any, one: Any, said: str, action: Any, key: str, key_value: int | None
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            action(request.actor, **{key: key_value}, **form.cleaned_data)
        except actions.Refused as refusal:
            _say(form, refusal)
        else:
            toast(request, said)
            return redirect("people:places")
    context = {"form": form, "one": one, "kind": key}
    return render(request, "people/place_form.html", context, status=_status(request, form))


def _act(request: Any, staff_id: int, action: Any, said: str, undo: str = "") -> HttpResponse:
    try:
        action()
    except actions.Refused as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
    else:
        toast(request, said, undo=undo)
    return redirect("people:person", staff_id)


def _say(form: Any, refusal: actions.Refused) -> None:
    field = FIELD_OF.get(refusal.code)
    form.add_error(field if field in form.fields else None, REFUSALS[refusal.code])


def _status(request: Any, form: Any) -> int:
    return 422 if request.method == "POST" and form.errors else 200


def _found(row: Any) -> Any:
    if row is None:
        raise Http404
    return row
