"""Addresses of requests. Refuses views of its own."""

from django.urls import path

from zhike.service import views, views_crisis, views_intake, views_many, views_quality, views_request, views_steps

app_name = "service"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("rows/", views.rows, name="rows"),
    path("next/", views.own_next, name="own_next"),
    path("export/", views.export, name="export"),
    path("new/", views_intake.new, name="new"),
    path("new/known/", views_intake.known, name="new_known"),
    path("many-take/<slug:step>/", views_many.take, name="many_take"),
    path("many-handle/<slug:step>/", views_many.handle, name="many_handle"),
    path("many-supervise/<slug:step>/", views_many.supervise, name="many_supervise"),
    path("crises/", views_crisis.events, name="crises"),
    path("crises/<str:number>/", views_crisis.event, name="crisis"),
    path("crises/<str:number>/link/", views_crisis.link, name="crisis_link"),
    path("crises/<str:number>/tell/", views_crisis.tell, name="crisis_tell"),
    path("quality/", views_quality.samples, name="quality"),
    path("quality/draw/", views_quality.draw, name="quality_draw"),
    path("quality/export/", views_quality.export, name="quality_export"),
    path("quality/score/<str:number>/", views_quality.score, name="quality_score"),
    path("<str:number>/", views_request.one, name="request"),
    path("<str:number>/own/", views_request.own, name="own"),
    path("<str:number>/say/", views_request.say, name="say"),
    path("<str:number>/take/<slug:step>/", views_steps.take, name="take"),
    path("<str:number>/handle/<slug:step>/", views_steps.handle, name="handle"),
    path("<str:number>/call-back/<slug:step>/", views_steps.call_back, name="call_back"),
    path("<str:number>/supervise/<slug:step>/", views_steps.supervise, name="supervise"),
    path("<str:number>/file/<int:pk>/", views_request.file, name="file"),
    path("<str:number>/show/<slug:field>/", views_request.show, name="show"),
]
