"""Addresses of the way in: the one-time link, a first company, the books."""

from django.urls import path

from dunright.web.onboarding import calls, connecting, connection, telling, views

app_name = "onboarding"
urlpatterns = [
    path("welcome/<str:secret>/", views.welcome, name="welcome"),
    path("start/", views.index, name="index"),
    path("o/<int:organisation>/connect/", connecting.connect, name="connect"),
    path("o/<int:organisation>/connect/choose/<int:pk>/", connecting.choose, name="choose"),
    path("o/<int:organisation>/connect/choose/<int:pk>/give-up/", connecting.give_up, name="give_up"),
    path("o/<int:organisation>/connection/", connecting.connection, name="connection"),
    path("o/<int:organisation>/connection/disconnect/", connection.disconnect, name="disconnect"),
    path("o/<int:organisation>/connection/calls/", calls.share, name="share"),
    path("o/<int:organisation>/connection/tell/", telling.tell, name="tell"),
    path("o/<int:organisation>/connection/tell/<int:pk>/again/", telling.again, name="tell_again"),
    path("o/<int:organisation>/connection/address/", telling.address, name="address"),
    path("connect/zoho_books/callback/", connecting.callback, name="callback"),
]
