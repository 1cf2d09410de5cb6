from django.apps import AppConfig


class MissionsConfig(AppConfig):
    name = "missions"
    verbose_name = "Missions"

    def ready(self) -> None:
        from missions.derivation import FLOOR, derive_events_and_status
        from missions.merging import register as register_merging
        from missions.review.queue_effect import effects
        from missions.worklists import register_mission_worklists
        from nkwatch.editorial.derivation import derives
        from nkwatch.editorial.review.effects import tells_effects

        derives(derive_events_and_status, floor=FLOOR)
        tells_effects(effects)
        register_merging()
        register_mission_worklists()
