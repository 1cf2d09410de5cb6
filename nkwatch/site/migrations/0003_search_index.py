"""The search index: a table of folded words, which each database indexes by its own means.

What is in it follows from the records: `manage.py rebuild_search` fills it where records stand already.
SQLite drops a table's triggers when a later migration alters one of its columns: such a migration makes
them again.
"""

from django.db import migrations, models

ON_SQLITE = (
    # Words come folded, between blanks: "ascii" takes every character beyond ASCII for a letter.
    """CREATE VIRTUAL TABLE site_searchindex USING fts5(
        terms, content='site_searchentry', content_rowid='id', tokenize='ascii', detail='none')""",
    """CREATE TRIGGER site_searchentry_added AFTER INSERT ON site_searchentry BEGIN
        INSERT INTO site_searchindex(rowid, terms) VALUES (new.id, new.terms);
    END""",
    """CREATE TRIGGER site_searchentry_removed AFTER DELETE ON site_searchentry BEGIN
        INSERT INTO site_searchindex(site_searchindex, rowid, terms) VALUES ('delete', old.id, old.terms);
    END""",
    """CREATE TRIGGER site_searchentry_changed AFTER UPDATE ON site_searchentry BEGIN
        INSERT INTO site_searchindex(site_searchindex, rowid, terms) VALUES ('delete', old.id, old.terms);
        INSERT INTO site_searchindex(rowid, terms) VALUES (new.id, new.terms);
    END""",
)
NOT_ON_SQLITE = (
    "DROP TRIGGER site_searchentry_added",
    "DROP TRIGGER site_searchentry_removed",
    "DROP TRIGGER site_searchentry_changed",
    "DROP TABLE site_searchindex",
)
ON_POSTGRESQL = (
    # As the configuration "simple" would, had it to fold: each word between blanks is a lexeme as it stands.
    """ALTER TABLE site_searchentry ADD COLUMN vector tsvector
        GENERATED ALWAYS AS (array_to_tsvector(string_to_array(btrim(terms), ' '))) STORED""",
    "CREATE INDEX site_searchentry_vector ON site_searchentry USING gin (vector)",
)
NOT_ON_POSTGRESQL = ("DROP INDEX site_searchentry_vector", "ALTER TABLE site_searchentry DROP COLUMN vector")


def index_words(apps, schema_editor):
    for statement in ON_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else ON_SQLITE:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in NOT_ON_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else NOT_ON_SQLITE:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('site', '0002_captured_copy_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=8)),
                ('record_id', models.PositiveBigIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('day', models.DateField(null=True)),
                ('name_terms', models.TextField(help_text='The folded words of its names, between blanks, in their order.')),
                ('terms', models.TextField(help_text='All its folded words, between blanks, in their order.')),
                ('words', models.TextField(help_text='Its own words as people write them, from which spellings are suggested.')),
                ('stored', models.DateTimeField()),
            ],
            options={
                'verbose_name_plural': 'search entries',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('kind', 'record_id'), name='site_searchentry_once')],
            },
        ),
        migrations.RunPython(index_words, drop_index),
    ]
