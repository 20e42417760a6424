from django.template import Context, Template

from tests.web.specimen import SpecimenForm


def rendered(data=None):
    return Template("{{ form }}").render(Context({"form": SpecimenForm(data)}))


def test_a_field_has_its_label_class_and_hint():
    html = rendered()
    assert '<label class="label" for="id_name">Business name</label>' in html
    assert 'name="name" class="input"' in html
    assert 'aria-describedby="id_name_hint"' in html
    assert '<div class="hint" id="id_name_hint">Your customers see this name.</div>' in html


def test_what_may_stay_empty_says_so():
    assert rendered().count('<span class="optional">(optional)</span>') == 2


def test_an_error_is_named_by_its_control():
    html = rendered({"email": "not an address", "level": "all", "country": "ie"})
    assert html.count('aria-invalid="true"') == 3
    assert 'aria-describedby="id_email_error"' in html
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert "<span>Enter a valid email address.</span>" in html


def test_radio_buttons_stand_under_a_legend():
    html = rendered()
    assert '<legend class="label">Whom</legend>' in html
    assert '<label class="check" for="id_level_0">' in html


def test_hostile_input_stays_text():
    html = rendered({"name": '"><script>alert(1)</script>'})
    assert "<script>" not in html


def test_an_error_of_the_whole_form_is_announced():
    form = SpecimenForm({"name": "x", "level": "all", "country": "ie", "agree": "on"})
    form.add_error(None, "These books belong to another company.")
    html = Template("{{ form }}").render(Context({"form": form}))
    assert '<div class="notice notice-red" role="alert">' in html
    assert "<p>These books belong to another company.</p>" in html
