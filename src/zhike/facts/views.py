"""Pages of imports: list, new, one with its progress, rejects. Parses, calls, renders; refuses rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.actor import require
from zhike.core.live import live_part
from zhike.core.paging import PAGE_SIZES, CursorInvalid
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.facts import actions, queries
from zhike.facts.files import FileRefused
from zhike.facts.forms import NewImportForm
from zhike.facts.present import import_context


@require_GET
@page("imports.view")
def imports(request: StaffRequest) -> HttpResponse:
    """List imports, newest first."""
    asked = request.GET.get("size", "")
    size = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in PAGE_SIZES else PAGE_SIZES[0]
    state = request.GET.get("state", "")
    state = state if state in queries.PHASES else ""
    try:
        found = queries.recent_imports(request.actor, size=size, cursor=request.GET.get("cursor", ""), state=state)
    except CursorInvalid as damage:
        raise Http404 from damage
    context = {
        "page": found,
        "size": size,
        "state": state,
        "phases": queries.PHASES.items(),
        "rows": [import_context(one, brief=True) for one in found.rows],
        "can_run": request.actor.may("imports.run"),
    }
    return render(request, "facts/imports.html", context)


@require_http_methods(["GET", "POST"])
@page("imports.run")
def new(request: StaffRequest) -> HttpResponse:
    """Ask for files and begin an import."""
    if request.method == "GET":
        return render(
            request, "facts/new.html", {"form": NewImportForm(initial={"table": request.GET.get("table", "")})}
        )
    form = NewImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            begun = actions.start_import(
                request.actor,
                files=form.stored,
                table="" if form.mapping_text else form.cleaned_data["table"],
                mapping=form.mapping_text,
                mapping_name=form.mapping_name,
                strict=form.cleaned_data["strict"],
            )
        except FileRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _go(request, reverse("facts:import", args=[begun.pk]))
    return render(request, "facts/new.html", {"form": form}, status=422)


@require_GET
@page("imports.view")
def one(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Show an import: progress, what it would do or did, what was refused."""
    return render(request, "facts/import.html", _context(request, import_id))


@require_GET
@page("imports.view")
def state(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Answer the polled part of an import's page, 204 while nothing has changed."""
    context = {**_context(request, import_id), "polled": True}
    return live_part(
        request,
        "facts/import_state.html",
        context,
        version=context["import"]["version"],
        over=not context["import"]["moving"],
    )


@require_POST
@page("imports.run")
def confirm(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Load a checked import."""
    return _step(request, import_id, actions.confirm_import, _("开始装入，可以离开这一页。"))


@require_POST
@page("imports.run")
def cancel(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Call an import off."""
    return _step(request, import_id, actions.cancel_import, _("已取消，没有装入任何内容。"))


@require_POST
@page("imports.run")
def retry(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Run the failed stage again."""
    return _step(request, import_id, actions.retry_import, _("已重新排队。"))


@require_GET
@page("imports.run")
def rejects(request: StaffRequest, import_id: UUID) -> HttpResponse:
    """Send the file of rejects; it may hold personal data, so that the look is logged."""
    require(request.actor, "imports.run")
    path = actions.take_rejects(request.actor, _found(request, import_id).pk)
    if path is None:
        raise Http404
    return FileResponse(  # type: ignore[return-value]
        open(path, "rb"), as_attachment=True, filename=f"rejects-{import_id}.csv", content_type="text/csv"
    )


def _found(request: StaffRequest, import_id: UUID) -> Any:
    found = queries.find_import(request.actor, import_id)
    if found is None:
        raise Http404
    return found


def _context(request: StaffRequest, import_id: UUID) -> dict[str, Any]:
    return {"import": import_context(_found(request, import_id)), "can_run": request.actor.may("imports.run")}


def _step(request: StaffRequest, import_id: UUID, action: Any, text: str) -> HttpResponse:
    _found(request, import_id)
    try:
        action(request.actor, import_id)
    except actions.NotNow:
        toast(request, _("这个导入的状态已经变了，请看最新情况。"))
    else:
        toast(request, text)
    return redirect("facts:import", import_id=import_id)


def _go(request: HttpRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
