"""Addresses of the staff's cross-room pages."""

from django.urls import path

from zhike.workbench import account, accounts

app_name = "workbench"
urlpatterns = [
    path("", accounts.first_page, name="first"),
    path("accounts/", accounts.listing, name="accounts"),
    path("accounts/export.xlsx", accounts.export, name="accounts_export"),
    path("accounts-columns/", accounts.columns, name="accounts_columns"),
    path("accounts-views/", accounts.views, name="accounts_views"),
    path("accounts/<str:code>/", account.overview, name="account"),
    path("accounts/<str:code>/bills/<int:period>/", account.month, name="account_month"),
    path("accounts/<str:code>/<slug:tab>/", account.tab, name="account_tab"),
]
