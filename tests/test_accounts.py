"""Who may give which rights: an administrator is no superuser."""

import pytest
from django.contrib.auth.models import Group, User

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]


def test_an_administrator_gives_roles(administrator_client):
    newcomer = User.objects.create_user("newcomer", password="a-long-password-1")
    role = Group.objects.get(name="editor")

    answer = administrator_client.post(
        f"/admin/auth/user/{newcomer.pk}/change/",
        {
            "username": "newcomer",
            "is_active": "on",
            "is_staff": "on",
            "groups": [role.pk],
            "date_joined_0": "2026-11-22",
            "date_joined_1": "12:00:00",
        },
    )

    assert answer.status_code == 302
    assert list(newcomer.groups.all()) == [role]


def test_an_administrator_makes_nobody_a_superuser(administrator, administrator_client):
    administrator_client.post(
        f"/admin/auth/user/{administrator.pk}/change/",
        {
            "username": administrator.username,
            "is_active": "on",
            "is_staff": "on",
            "is_superuser": "on",
            "date_joined_0": "2026-11-22",
            "date_joined_1": "12:00:00",
        },
    )

    administrator.refresh_from_db()
    assert not administrator.is_superuser


def test_an_administrator_changes_no_superuser(administrator_client):
    owner = User.objects.create_superuser("owner", password="a-long-password-1")

    answer = administrator_client.post(f"/admin/auth/user/{owner.pk}/change/", {"username": "taken"})

    owner.refresh_from_db()
    assert (answer.status_code, owner.username) == (403, "owner")


def test_an_editor_sees_no_accounts(editor_client):
    assert editor_client.get("/admin/auth/user/").status_code == 403
