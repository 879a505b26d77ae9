"""What holds of every template, whoever writes it."""

import re
from pathlib import Path

import pytest
from django import forms
from django.template import engines

from papers.templatetags.icons import icon_names

TEMPLATES = Path(__file__).parents[1] / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))


def render(source, **context):
    return engines["django"].from_string(source).render(context)


def tags(name):
    """(file, what is behind the name) for each ``{% name … %}`` of the templates."""
    for page in PAGES:
        for found in re.findall(rf"{{%\s*{name}\s+(.*?)\s*%}}", page.read_text(), re.DOTALL):
            yield str(page.relative_to(TEMPLATES)), " ".join(found.split())


def test_an_icon_is_drawn_and_says_nothing():
    drawn = render('{% load icons %}{% icon "pin" %}')
    assert 'aria-hidden="true"' in drawn
    assert '<use href="/static/papers/icons.svg#pin"/>' in drawn


@pytest.mark.parametrize("name", ["", "pen", '"><script>'])
def test_no_icon_is_drawn_that_is_not_there(name):
    with pytest.raises(ValueError, match="no icon"):
        render("{% load icons %}{% icon name %}", name=name)


def test_the_icons_of_all_templates_are_there():
    used = list(tags("icon"))
    assert used
    assert [one for one in used if one[1].strip('"') not in icon_names()] == []


def test_no_template_draws_an_icon_by_hand():
    assert [page for page in PAGES if "<use" in page.read_text()] == []


class AskForm(forms.Form):
    name = forms.CharField(label="<Name>", help_text="Any name will do.")
    ways = forms.MultipleChoiceField(
        choices=[("a", "By <a>")], widget=forms.CheckboxSelectMultiple, required=False
    )
    told = forms.BooleanField(label="Tell me", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean(self):
        raise forms.ValidationError("Not <now>.")


def test_a_form_is_drawn_with_labels_hints_and_errors():
    drawn = re.sub(r"\s+(>?)", lambda found: found[1] or " ", str(AskForm({"key": "k"})))
    assert '<p class="note bad" role="alert">Not &lt;now&gt;.</p>' in drawn
    assert '<label for="id_name">&lt;Name&gt;</label>' in drawn
    assert '<p class="hint" id="id_name_helptext">Any name will do.</p>' in drawn
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_error"' in drawn
    assert drawn.count("<fieldset") == drawn.count("<legend>Ways</legend>") == 1
    assert "<span>By &lt;a&gt;</span>" in drawn
    assert re.search('<label class="tick" for="id_told"><input[^>]*><span>Tell me</span>', drawn)
    assert drawn.count('type="hidden"') == drawn.count('value="k"') == 1
    assert drawn.count('class="field"') == 3


def test_each_fragment_is_given_what_it_uses_and_nothing_else():
    """``only``: so nobody has to look for what a fragment takes from around it."""
    included = list(tags("include"))
    assert included
    assert [one for one in included if not one[1].endswith(" only")] == []


def test_a_fragment_of_a_line_is_used_more_than_twice():
    included = [text.split()[0].strip('"') for _, text in tags("include")]
    for page in TEMPLATES.rglob("_*.html"):
        if len(page.read_text().splitlines()) == 1:
            assert included.count(str(page.relative_to(TEMPLATES))) > 2, page


def test_lines_are_short_enough_to_read():
    """A formatter breaks all but the tags of Django, which go on one line."""
    for page in PAGES:
        long = [line for line in page.read_text().splitlines() if len(line) > 120]
        assert long == [], page


def test_no_white_space_stands_before_a_comma():
    """A formatter puts tags that stand side by side on lines of their own: commas go before."""
    for page in PAGES:
        assert not re.search(r"%}\s+{% (if|with) [^%]*%}[,.;:?!]\s", page.read_text()), page
