"""What other rooms may ask of the catalogue. Everybody signed in may read it, so that no actor is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, Subquery

from zhike.catalogue.models import Product, name_for_reader


def product_names(codes: Iterable[str]) -> dict[str, str]:
    """Return products' names by code, in the reader's language; codes the catalogue does not have are left out."""
    wanted = {code for code in codes if code}
    rows = Product.objects.filter(code__in=wanted).values_list("code", "name", "name_en") if wanted else ()
    return {code: name_for_reader(name, name_en) for code, name, name_en in rows}


def names_of_product(code: str) -> dict[str, Subquery]:
    """Return annotations `product_name` and `product_name_en` for rows whose field or annotation `code` names it."""
    product = Product.objects.filter(code=OuterRef(code))
    return {"product_name": Subquery(product.values("name")), "product_name_en": Subquery(product.values("name_en"))}
