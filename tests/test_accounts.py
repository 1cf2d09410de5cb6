"""Who may give which rights: an administrator is no superuser."""

import pytest
from django.contrib.auth.models import Group, Permission, User

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


def test_an_administrator_gives_nobody_a_right_of_their_own_making(administrator, administrator_client):
    owners = Group.objects.create(name="owners")
    owners.permissions.add(Permission.objects.get(codename="delete_user"))

    administrator_client.post(
        f"/admin/auth/user/{administrator.pk}/change/", form_of(administrator, groups=[owners.pk])
    )
    administrator_client.post(
        f"/admin/auth/group/{Group.objects.get(name='administrator').pk}/change/",
        {"name": "administrator", "permissions": [Permission.objects.get(codename="delete_user").pk]},
    )

    assert [group.name for group in administrator.groups.all()] == ["administrator"]
    assert not User.objects.get(pk=administrator.pk).has_perm("auth.delete_user")


@pytest.mark.parametrize("is_active", [True, False])
def test_an_administrator_changes_no_account_with_more_rights_than_their_own(administrator_client, is_active):
    owner = User.objects.create_user("owner", password="a-long-password-1", is_active=is_active)
    owner.user_permissions.add(Permission.objects.get(codename="delete_user"))

    for page in ("change", "password"):
        answer = administrator_client.post(
            f"/admin/auth/user/{owner.pk}/{page}/", {"password1": "another-long-2", "password2": "another-long-2"}
        )
        assert answer.status_code == 403

    assert User.objects.get(pk=owner.pk).check_password("a-long-password-1")


@pytest.mark.parametrize("role", ["editor", "reviewer"])
def test_only_administrators_manage_accounts(role, request):
    user, client = request.getfixturevalue(role), request.getfixturevalue(f"{role}_client")
    pages = ["/admin/auth/user/add/", f"/admin/auth/user/{user.pk}/change/", f"/admin/auth/user/{user.pk}/password/"]

    assert [client.post(page, form_of(user)).status_code for page in pages] == [403, 403, 403]
    assert [group.name for group in user.groups.all()] == [role]


def form_of(account: User, **changes):
    moment = {"date_joined_0": "2026-11-22", "date_joined_1": "12:00:00"}
    return {"username": account.username, "is_active": "on", "is_staff": "on", **moment, **changes}
