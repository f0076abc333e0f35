"""What a new import asks for. Refuses to open the files: actions and the worker do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from zhike.facts.files import FileRefused, StoredFile, inbox, inbox_file, keep_upload, known_mappings
from zhike_analytics.contracts import TABLES
from zhike_analytics.contracts.issues import IntakeError
from zhike_analytics.contracts.mapping import parse_mapping

LONGEST_MAPPING = 256 * 1024


class ManyFilesInput(forms.ClearableFileInput):
    """A file control that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files under one name."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Return the files, each checked as one."""
        one = super().clean
        return [one(item, initial) for item in data] if isinstance(data, list | tuple) else []


def table_choices() -> list[tuple[str, str]]:
    """Return the tables in the language of the page."""
    english = get_language() == "en"
    return [("", str(_("请选")))] + [
        (one.name, f"{one.en if english else one.zh} {one.name}") for one in TABLES.values()
    ]


class NewImportForm(forms.Form):
    """Files, and where their rows go: one table, or as a mapping says."""

    files = ManyFilesField(label=_("文件"), required=False, allow_empty_file=True)  # type: ignore[assignment]
    inbox = forms.MultipleChoiceField(
        label=_("服务器 inbox 里的文件"), required=False, widget=forms.CheckboxSelectMultiple
    )
    table = forms.ChoiceField(
        label=_("表"), required=False, help_text=_("文件的列名与这张表相同（中文、英文或列代码都认）。")
    )
    mapping = forms.ChoiceField(
        label=_("映射"), required=False, help_text=_("文件来自别的系统、列名不同时用；它写明每一列从哪里来。")
    )
    mapping_file = forms.FileField(label=_("或上传映射文件（YAML）"), required=False)
    strict = forms.BooleanField(label=_("有一行被拒就全部不装"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["table"].choices = table_choices()  # type: ignore[attr-defined]
        self.fields["mapping"].choices = [("", _("不用映射"))] + [(path.name, path.stem) for path in known_mappings()]  # type: ignore[attr-defined]
        waiting = [(path.name, path.name) for path in inbox()]
        if waiting:
            self.fields["inbox"].choices = waiting  # type: ignore[attr-defined]
        else:
            del self.fields["inbox"]
        self.fields["mapping_file"].widget.attrs["accept"] = ".yaml,.yml"
        self.stored: list[StoredFile] = []
        self.mapping_text = ""
        self.mapping_name = ""

    def clean(self) -> dict[str, Any]:
        """Keep the files and read the mapping; say what is wrong beside the field it belongs to."""
        cleaned = super().clean() or {}
        self._read_mapping(cleaned)
        if not self.mapping_text and not cleaned.get("table") and not self.errors:
            self.add_error("table", _("请选一张表，或给出映射文件。"))
        if not self.errors:
            self._keep_files(cleaned)
        return cleaned

    def _read_mapping(self, cleaned: dict[str, Any]) -> None:
        upload = cleaned.get("mapping_file")
        if upload:
            self.mapping_name = str(upload.name)
            if upload.size > LONGEST_MAPPING:
                self.add_error("mapping_file", _("映射文件太大，这不像一个映射。"))
                return
            try:
                self.mapping_text = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("mapping_file", _("映射文件应为 UTF-8 文字。"))
                return
        elif cleaned.get("mapping"):
            path = next(path for path in known_mappings() if path.name == cleaned["mapping"])
            self.mapping_name, self.mapping_text = path.name, path.read_text(encoding="utf-8")
        if not self.mapping_text:
            return
        try:
            parse_mapping(self.mapping_text)
        except IntakeError as fault:
            self.add_error("mapping_file" if upload else "mapping", fault.en if get_language() == "en" else fault.zh)

    def _keep_files(self, cleaned: dict[str, Any]) -> None:
        try:
            self.stored = [keep_upload(upload) for upload in cleaned.get("files") or []]
            self.stored += [inbox_file(name) for name in cleaned.get("inbox") or []]
        except FileRefused as refusal:
            self.add_error("files", str(refusal))
            return
        if not self.stored:
            self.add_error("files", _("请选至少一个文件。"))
