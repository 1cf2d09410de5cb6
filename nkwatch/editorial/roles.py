"""The three roles of the desk, and what each may do (domain.md, rule 8)."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q

EDITOR, REVIEWER, ADMINISTRATOR = "editor", "reviewer", "administrator"
ROLES = (EDITOR, REVIEWER, ADMINISTRATOR)

# Permissions by the verb that Django puts before the model's name.
VERBS = {
    EDITOR: ("view", "add", "change", "delete"),
    REVIEWER: ("view", "add", "change", "delete", "publish"),
    ADMINISTRATOR: ("view", "add", "change", "delete", "publish"),
}


def grant_roles(groups: Any, permissions: Any, models: dict[str, list[str]]) -> None:
    """Give each role its permissions on `models` (app label: model names).

    Editors write drafts, reviewers publish besides, administrators also manage accounts; what a
    role holds is said here, so that they give roles and do not change them. Deleting is bound to
    drafts by the records themselves.
    """
    for role in ROLES:
        group, _ = groups.objects.get_or_create(name=role)
        names = {app: [f"{verb}_{model}" for verb in VERBS[role] for model in listed] for app, listed in models.items()}
        if role == ADMINISTRATOR:
            names["auth"] = ["view_user", "add_user", "change_user", "view_group"]
        for app, codenames in names.items():
            group.permissions.add(*permissions.objects.filter(content_type__app_label=app, codename__in=codenames))


def exceeds(account: Any, user: Any) -> bool:
    """Whether `account` holds a right that `user` lacks, who may then not change it, its password included."""
    if user.is_superuser:
        return False
    held = Permission.objects.filter(Q(user=account) | Q(group__user=account))
    return account.is_superuser or bool(_names(held) - user.get_all_permissions())


def roles_to_give(user: Any) -> Any:
    """The groups that `user` may put an account into: those without a right that `user` lacks."""
    groups = Group.objects.all()
    if user.is_superuser:
        return groups
    own = user.get_all_permissions()
    return groups.filter(pk__in=[group.pk for group in groups if _names(group.permissions.all()) <= own])


def _names(permissions: Any) -> set[str]:
    names = permissions.values_list("content_type__app_label", "codename").distinct()
    return {f"{app}.{codename}" for app, codename in names}
