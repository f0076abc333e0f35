"""What other rooms may ask of the catalogue. Everybody signed in may read it, so that no actor is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from zhike.catalogue.models import Product, name_for_reader


def product_names(codes: Iterable[str]) -> dict[str, str]:
    """Return products' names by code, in the reader's language; codes the catalogue does not have are left out."""
    wanted = {code for code in codes if code}
    rows = Product.objects.filter(code__in=wanted).values_list("code", "name", "name_en") if wanted else ()
    return {code: name_for_reader(name, name_en) for code, name, name_en in rows}
