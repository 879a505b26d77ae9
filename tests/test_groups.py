"""A group's own data: its time zone, and its topics, of which no two are the same to a reader."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from papers.models import Group, Topic
from tests.factories import make_group

ALIKE = ["égalité", "ÉGALITÉ", " Égalité  ", unicodedata.normalize("NFD", "Égalité")]


@pytest.mark.parametrize("name", ALIKE)
def test_a_topic_is_one_however_it_is_written(group, name):
    topic = Topic.get_or_create(group, "Égalité")
    assert Topic.get_or_create(group, name) == topic
    with pytest.raises(IntegrityError), transaction.atomic():
        Topic.objects.create(group=group, name=name, key=Topic.key_for(name), slug="another")


def test_whitespace_within_a_topic_is_one_space(group):
    assert Topic.get_or_create(group, "deep \t learning").name == "deep learning"
    assert Topic.get_or_create(group, "Deep\u00a0Learning").name == "deep learning"


def test_other_words_and_other_groups_are_other_topics(group):
    topics = {Topic.get_or_create(group, name) for name in ("Vision", "Visions", "Visión")}
    topics.add(Topic.get_or_create(make_group("Others"), "Vision"))
    assert len(topics) == 4


def test_the_longest_name_has_a_key(group):
    assert Topic.get_or_create(group, "ΐ" * 50).key == "ΐ".casefold() * 50


@pytest.mark.parametrize("name", ALIKE)
def test_a_second_topic_of_a_name_is_refused_in_the_admin(client, group, alice, name):
    Topic.get_or_create(group, "Égalité")
    other = Topic.get_or_create(group, "Other")
    client.force_login(alice)
    for address, data in [
        ("/admin/papers/topic/add/", {"name": name, "group": group.pk}),
        (f"/admin/papers/topic/{other.pk}/change/", {"name": name}),
    ]:
        assert "The group has this topic already." in client.post(address, data).text
    assert set(group.topics.values_list("name", flat=True)) == {"Égalité", "Other"}


def test_a_topic_may_change_its_capitals(client, group, alice):
    topic = Topic.get_or_create(group, "nlp")
    client.force_login(alice)
    assert (
        client.post(f"/admin/papers/topic/{topic.pk}/change/", {"name": "NLP"}).status_code == 302
    )
    assert Topic.get_or_create(group, "nlp").name == "NLP"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia"])
def test_a_known_time_zone_is_kept(zone):
    Group(name="Readers", slug="readers", time_zone=zone).clean_fields()


@pytest.mark.parametrize("zone", ["Mars", "Europe", "../etc/passwd", "GMT+1 or so", "\0"])
def test_an_unknown_time_zone_is_refused_with_an_example(zone):
    with pytest.raises(ValidationError) as refused:
        Group(name="Readers", slug="readers", time_zone=zone).clean_fields()
    assert "such as Europe/Berlin" in refused.value.message_dict["time_zone"][0]
