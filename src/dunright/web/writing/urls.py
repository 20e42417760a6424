"""The address of a reminder by hand."""

from django.urls import path

from dunright.web.writing import views

app_name = "writing"
urlpatterns = [path("o/<int:organisation>/customers/<int:pk>/write/", views.write, name="write")]
