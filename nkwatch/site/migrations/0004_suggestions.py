"""What readers send: every role of the desk looks at it and answers it; only administrators delete it."""

import django.db.models.deletion
import django.utils.timezone
import nkwatch.editorial.fields
import simple_history.models
from django.apps import apps as installed
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import migrations, models

from nkwatch.editorial.roles import ADMINISTRATOR, ROLES

ANSWER = ("view", "change")


def grant(apps, schema_editor):
    # Permissions are otherwise made after the last migration, too late for this one.
    create_permissions(installed.get_app_config("site"), apps=apps, verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="site")
    for role in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        verbs = (*ANSWER, "delete") if role == ADMINISTRATOR else ANSWER
        group.permissions.add(*permissions.filter(codename__in=[f"{verb}_suggestion" for verb in verbs]))


class Migration(migrations.Migration):

    dependencies = [
        ('site', '0003_search_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalSuggestion',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('door', models.CharField(choices=[('admin', 'admin'), ('import', 'import'), ('api', 'API'), ('command', 'command')], default='command', max_length=10)),
                ('batch', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='import batch')),
                ('batch_row', models.CharField(blank=True, max_length=200, verbose_name='file and row of the import')),
                ('act', models.UUIDField(help_text='Versions that were made together have one act in common.', null=True)),
                ('about', models.CharField(blank=True, help_text='Its number, such as M-0017, if it is about one record.', max_length=12, verbose_name='record')),
                ('url', nkwatch.editorial.fields.HTTPField(blank=True, help_text='The address of the article, statement or document.', max_length=2000, verbose_name='link')),
                ('text', models.TextField(blank=True, help_text='In any language. Unnamed people stay unnamed: do not send the name of anybody who did not give it.', max_length=5000, verbose_name='what is wrong, or new')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='your name')),
                ('may_be_named', models.BooleanField(default=False, help_text='On the page of changes, beside the answer.', verbose_name='you may name me as the one who told you')),
                ('made', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='sent')),
                ('status', models.CharField(choices=[('open', 'open'), ('taken-up', 'taken up'), ('declined', 'declined')], default='open', max_length=8)),
                ('answer', models.TextField(blank=True, help_text='Readers see it on the page of changes once the suggestion is taken up: what was wrong, and what was done. Name nobody who is unnamed. Without an answer, nothing is shown.')),
                ('answered', models.DateTimeField(editable=False, null=True)),
                ('history_change_reason', models.TextField(null=True, verbose_name='reason for the change')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical suggestion',
                'verbose_name_plural': 'historical suggestions',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Suggestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(blank=True, help_text='Its number, such as M-0017, if it is about one record.', max_length=12, verbose_name='record')),
                ('url', nkwatch.editorial.fields.HTTPField(blank=True, help_text='The address of the article, statement or document.', max_length=2000, verbose_name='link')),
                ('text', models.TextField(blank=True, help_text='In any language. Unnamed people stay unnamed: do not send the name of anybody who did not give it.', max_length=5000, verbose_name='what is wrong, or new')),
                ('name', models.CharField(blank=True, max_length=100, verbose_name='your name')),
                ('may_be_named', models.BooleanField(default=False, help_text='On the page of changes, beside the answer.', verbose_name='you may name me as the one who told you')),
                ('email', models.EmailField(blank=True, help_text='Only in case we have a question about what you send. It is never shown.', max_length=254, verbose_name='your e-mail address')),
                ('made', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='sent')),
                ('status', models.CharField(choices=[('open', 'open'), ('taken-up', 'taken up'), ('declined', 'declined')], default='open', max_length=8)),
                ('answer', models.TextField(blank=True, help_text='Readers see it on the page of changes once the suggestion is taken up: what was wrong, and what was done. Name nobody who is unnamed. Without an answer, nothing is shown.')),
                ('answered', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'ordering': ['-made', '-pk'],
                'default_permissions': ('view', 'change', 'delete'),
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['open', 'taken-up', 'declined'])), name='site_suggestion_status', violation_error_message='“status” takes one of: open, taken-up, declined.'), models.CheckConstraint(condition=models.Q(('url', ''), ('url__startswith', 'http://'), ('url__startswith', 'https://'), _connector='OR'), name='site_suggestion_url', violation_error_message='Only web addresses that begin with http:// or https:// are kept.')],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
