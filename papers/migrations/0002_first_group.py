"""A fresh installation has a group, so that its first page is not a dead end."""

from django.db import migrations


def make_group(apps, schema_editor):
    group = apps.get_model("papers", "Group")
    if not group.objects.using(schema_editor.connection.alias).exists():
        group.objects.using(schema_editor.connection.alias).create(
            name="Reading group", slug="reading-group"
        )


class Migration(migrations.Migration):
    dependencies = [("papers", "0001_initial")]
    operations = [migrations.RunPython(make_group, migrations.RunPython.noop)]
