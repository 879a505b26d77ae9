"""Search: what finds a paper, what never breaks it, and what it must not find."""

import re
import unicodedata

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papers import access
from papers.library import cached_counts, search
from papers.library.filters import PaperFilter
from papers.models import Group, Paper
from tests.factories import make_group, make_listing, make_paper, paper_fields
from tests.pages import text_of, titles_of

LIST = "/curious-minds/papers/"


@pytest.fixture
def found(group):
    """The titles a query finds in the group, the best first."""

    def find(query):
        papers = Paper.objects.in_group(group)
        by_id = Paper.objects.in_bulk()
        ids = search.best_match_ids(papers, group, query)
        assert set(ids) == set(
            search.matching_papers(papers, group, query).values_list("pk", flat=True)
        )
        return [by_id[pk].title for pk in ids]

    return find


def test_all_words_must_be_there(group, found):
    make_paper(group=group, title="Deep nets", abstract="They learn.")
    make_paper(group=group, title="Deep seas", abstract="They are wet.")
    assert found("deep learn") == ["Deep nets"]
    assert found("deep learn seas") == []


def test_the_last_word_may_be_a_beginning(group, found):
    make_paper(group=group, title="Transformers explained")
    assert found("transf") == ["Transformers explained"]
    assert found("transformers expl") == ["Transformers explained"]
    assert found("transf explained") == []


def test_the_title_weighs_more_than_the_abstract(group, found):
    make_paper(group=group, title="Kernel methods", abstract="Old and good.")
    make_paper(group=group, title="Methods", abstract="A kernel here.")
    make_paper(group=group, title="More methods", abstract="Another kernel there.")
    assert found("kernel")[0] == "Kernel methods"
    assert len(found("kernel")) == 3


def test_quotes_keep_words_together(group, found):
    make_paper(group=group, title="Neural machine translation")
    make_paper(group=group, title="Machine and neural")
    assert found('"neural machine"') == ["Neural machine translation"]


def test_capitals_accents_and_punctuation_do_not_matter(group, found):
    make_paper(group=group, title="Schrödinger's Cat-Like States")
    for query in ("schrodinger", "SCHRÖDINGER", "cat like", "cat-like", "Schrödinger's"):
        assert found(query) == ["Schrödinger's Cat-Like States"]


@pytest.mark.parametrize(
    "title",
    ["On ﬁne-tuning", "Fitting x² – and H₂O", "On ½ of ΩMEGA", "İstanbul’s maße", "हिन्दी में खोज"]
    + [
        "深度学习 综述",
        "تَعَلُّم عميق",
        "Ё моё",
        unicodedata.normalize("NFD", "Ångström 학습"),
        "Deep 🙂 nets",
    ],
)
def test_a_title_is_found_by_its_own_words(group, found, title):
    make_paper(group=group, title=title)
    make_paper(group=group, title="Another")
    for query in (title, f'"{title}"', *(word for word in title.split() if word not in "–🙂")):
        assert found(query) == [title], query


def test_another_groups_papers_are_never_found(group, found):
    make_paper(group=make_group("Strangers"), title="Kernel secrets", abstract="kernel")
    assert found("kernel") == []
    make_paper(group=group, title="Kernel of ours")
    assert found("kernel") == ["Kernel of ours"]
    assert found("g1 kernel") == []


def test_several_groups_are_searched_at_once(group, django_assert_num_queries):
    groups = [group, *(make_group(f"Group {n}") for n in range(300))]
    make_paper(group=make_group("Strangers"), title="Kernel secrets")
    ours = [make_paper(group=g, title="Kernel methods") for g in (groups[0], groups[-1])]
    papers = Paper.objects.filter(group__in=groups)
    with django_assert_num_queries(1):
        assert set(search.matching_papers_in_groups(papers, groups, "kernel")) == set(ours)
    assert not search.matching_papers_in_groups(papers, groups, "secrets").exists()
    assert not search.matching_papers_in_groups(papers, [], "kernel").exists()


def test_what_is_changed_or_gone_is_found_as_it_is_now(group, found):
    paper = make_paper(group=group, title="Before")
    Paper.objects.filter(pk=paper.pk).update(title="After")
    assert (found("before"), found("after")) == ([], ["After"])
    paper.delete()
    assert found("after") == []


@pytest.mark.parametrize(
    "query",
    ['"', '"a', "'", "a' OR 1=1 --", "*", "a*", "(", ")", "a)", "NEAR(", "AND", "OR NOT", "-a"]
    + ["title:a", "{title}:a", "a:b", "a&b", "a|b", "!a", "a<->b", "\\", "%", "_", ":*", "a" * 300]
    + ["$x^2$", "🙂", "日本語", "ﬁne", "\u0301", "a\u0000b", "\ud7ff", "^a", "a + b", ";"],
)
def test_no_query_is_an_error(group, found, query):
    make_paper(group=group, title="A or not near b")
    found(query)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(query=st.text(alphabet="ab*\"'():^-&|!<>\\ \t.é{}", max_size=12))
def test_no_syntax_is_an_error(group, found, query):
    found(query)


def test_a_query_without_a_word_finds_nothing(client, group, bob):
    client.force_login(bob)
    make_paper(group=group)
    assert titles_of(client.get(LIST, {"q": "!?"})) == []


def test_the_list_puts_the_best_first_and_can_be_sorted_otherwise(client, group, bob):
    client.force_login(bob)
    make_paper(group=group, title="Kernel methods")
    make_paper(group=group, title="Methods", abstract="The kernel.")
    assert titles_of(client.get(f"{LIST}?q=kernel")) == ["Kernel methods", "Methods"]
    assert titles_of(client.get(f"{LIST}?q=kernel&sort=new")) == ["Methods", "Kernel methods"]
    assert "Best match" in text_of(client.get(f"{LIST}?q=kernel"))
    assert "Best match" not in text_of(client.get(LIST))


def test_where_more_match_than_are_ranked_the_list_says_so(client, group, bob, monkeypatch):
    monkeypatch.setattr(search, "MOST_RANKED", 30)
    papers = [paper_fields(group=group, title=f"Kernel {n}") for n in range(40)]
    Paper.objects.bulk_create(papers)
    client.force_login(bob)
    response = client.get(f"{LIST}?q=kernel")
    assert "40 papers" in text_of(response)
    assert "These are the best 30 of 40. Sort by date to see all" in text_of(response)
    assert 'href="?q=kernel&amp;sort=date"' in response.content.decode()
    assert len(titles_of(client.get(f"{LIST}?q=kernel&page=2"))) == 5


class LongerTitles(migrations.Migration):
    """As a later migration may be: SQLite makes the table of papers anew for it."""

    operations = [migrations.AlterField("paper", "title", models.CharField(max_length=1001))]


def migrate(backwards=False):
    """What ``manage.py migrate`` does, with ``LongerTitles`` after all others."""
    state = MigrationExecutor(connection).loader.project_state()
    longer = LongerTitles("longer_titles", "papers")
    emit_pre_migrate_signal(0, False, "default", plan=[(longer, backwards)])
    with connection.schema_editor() as editor:
        (longer.unapply if backwards else longer.apply)(state, editor)
    emit_post_migrate_signal(0, False, "default")


@pytest.mark.django_db(transaction=True)
def test_a_migration_may_change_the_table_of_papers(group, found):
    make_paper(group=group, title="Kept before")
    try:
        migrate()
        make_paper(group=group, title="Kept after")
        assert found("kept") == ["Kept after", "Kept before"]
    finally:
        migrate(backwards=True)
    Paper.objects.filter(title="Kept after").update(title="Changed")
    assert found("kept") == ["Kept before"]


@pytest.mark.django_db(transaction=True)
def test_migrating_to_nothing_and_back_leaves_a_search(alice):
    call_command("migrate", "papers", "zero", verbosity=0)
    call_command("migrate", verbosity=0)
    group = Group.objects.get()
    paper = make_paper(group=group, title="Kernel methods")
    assert search.best_match_ids(Paper.objects.in_group(group), group, "kernel") == [paper.pk]


def test_where_nothing_is_to_migrate_the_index_stays(db, monkeypatch):
    monkeypatch.setattr(search, "drop_index", pytest.fail)
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_an_index_that_is_gone_comes_back_full(group, found):
    make_paper(group=group, title="Kernel methods")
    search.drop_index("default")
    search.drop_index("default")
    search.install_index("default")
    assert found("kernel") == ["Kernel methods"]


# What SQLite makes of it


def plan_of(act):
    """The steps of the plan of each query that ``act`` makes, and how often it asks the index."""
    with CaptureQueriesContext(connection) as captured:
        act()
    asked = [one["sql"] for one in captured if one["sql"].startswith("SELECT")]
    steps = []
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            steps += [row[3] for row in cursor.fetchall()]
    return steps, [sql.count("MATCH") for sql in asked]


def choice_of(user, group, asked):
    choice = PaperFilter(QueryDict(asked), group=access.group_for(user, group.slug), user=user)
    assert choice.is_valid()
    return choice


sqlite_alone = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite alone")


@sqlite_alone
@pytest.mark.parametrize("asked", ["", "status=open&year_min=2000", "topic=vision", "listing={}"])
@pytest.mark.parametrize("sort", ["", "&sort=date", "&sort=ranking"])
def test_a_list_never_goes_through_pairs_of_what_was_found(group, bob, asked, sort):
    """Without statistics nothing warns of it: of 100,000 that match there are 10,000 million."""
    paper = make_paper(group=group, title="Kernel methods", topics=["Vision"])
    listing = make_listing(group=group, papers=[paper])
    choice = choice_of(bob, group, f"q=kernel&{asked.format(listing.pk)}{sort}")
    steps, matches = plan_of(lambda: cached_counts.counts_and_first_ids(choice))
    assert [step for step in steps if re.search(r"\bid=\?.*\browid=\?", step)] == []
    assert sum(matches) >= 3
    assert set(matches) <= {0, 1}


@sqlite_alone
def test_filters_without_words_go_through_no_pairs_either(group, bob):
    paper = make_paper(group=group, title="Kernel methods", topics=["Vision"])
    asked = f"topic=vision&presenter=yes&listing={make_listing(group=group, papers=[paper]).pk}"
    choice = choice_of(bob, group, asked)
    steps, _ = plan_of(lambda: cached_counts.counts_and_first_ids(choice))
    assert [step for step in steps if re.search(r"\bid=\?.*\browid=\?", step)] == []


def test_the_best_of_a_choice_are_those_that_pass_its_filters(client, group, bob, monkeypatch):
    """Whether they are few, or so many that their titles decide."""
    papers = [paper_fields(group=group, title=f"Kernel {n}", abstract="Deep.") for n in range(6)]
    papers += [paper_fields(group=group, title=f"Deep {n}", abstract="Kernel.") for n in range(6)]
    Paper.objects.bulk_create(papers)
    listing = make_listing(group=group, papers=papers[::2])
    Paper.objects.filter(pk__in=[paper.pk for paper in papers[:4]]).update(status="set-aside")
    client.force_login(bob)
    asked = f"{LIST}?q=kernel&listing={listing.pk}&status=open"
    right = ["Kernel 4", "Deep 4", "Deep 2", "Deep 0"]
    assert titles_of(client.get(asked, follow=True)) == right
    monkeypatch.setattr(search, "MOST_RANKED", 3)
    group.bump_papers_version()
    assert titles_of(client.get(asked, follow=True)) == right[:3]
