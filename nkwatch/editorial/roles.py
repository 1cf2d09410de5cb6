"""The three roles of the desk, and what each may do (domain.md, rule 8)."""

from typing import Any

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

    Editors write drafts, reviewers publish besides, administrators also manage accounts. Deleting
    is bound to drafts by the records themselves.
    """
    for role in ROLES:
        group, _ = groups.objects.get_or_create(name=role)
        names = {app: [f"{verb}_{model}" for verb in VERBS[role] for model in listed] for app, listed in models.items()}
        if role == ADMINISTRATOR:
            names["auth"] = [f"{verb}_{model}" for verb in ("view", "add", "change") for model in ("user", "group")]
        for app, codenames in names.items():
            group.permissions.add(*permissions.objects.filter(content_type__app_label=app, codename__in=codenames))
