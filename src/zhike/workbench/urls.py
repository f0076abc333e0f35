"""Addresses of the staff's cross-room pages."""

from django.urls import path

from zhike.workbench import account, accounts, portfolio, today, why

app_name = "workbench"
urlpatterns = [
    path("", today.first_page, name="today"),
    path("today/export.xlsx", today.export, name="today_export"),
    path("today/<int:item_id>/finish/", today.finish, name="work_finish"),
    path("today/<int:item_id>/postpone/", today.postpone, name="work_postpone"),
    path("today/<int:item_id>/dismiss/", today.dismiss, name="work_dismiss"),
    path("today/<int:item_id>/reopen/", today.reopen, name="work_reopen"),
    path("portfolio/", portfolio.overview, name="portfolio"),
    path("accounts/", accounts.listing, name="accounts"),
    path("accounts/export.xlsx", accounts.export, name="accounts_export"),
    path("accounts-columns/", accounts.columns, name="accounts_columns"),
    path("accounts-views/", accounts.views, name="accounts_views"),
    path("accounts/<str:code>/", account.overview, name="account"),
    path("accounts/<str:code>/bills/<int:period>/", account.month, name="account_month"),
    path("accounts/<str:code>/next/", today.account_next, name="account_next"),
    path("accounts/<str:code>/why/<slug:score>/", why.why, name="account_why"),
    path("accounts/<str:code>/<slug:tab>/", account.tab, name="account_tab"),
]
