"""Which build of the code is this worker, and which runs may it carry on? Off unless the settings name a build.

Journeys as data need none of it: their interpreter is an activity's, and their version is the hash they began with. A
journey as code has its steps in workflow code; docs/how-to/change-code-journeys.md says how to change one.
"""

from __future__ import annotations

from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import WorkerDeploymentConfig

from leadloom.runtime.settings import Settings


def deployment_of(settings: Settings) -> WorkerDeploymentConfig | None:
    """How workers of this process are versioned; None when the settings name no build, as on a development server.

    A workflow moves to the current build with its next task unless its class says otherwise in its own decorator
    (`@workflow.defn(versioning_behavior=VersioningBehavior.PINNED)`): runs of months must not keep a build alive.
    """
    if settings.build_id is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=settings.deployment, build_id=settings.build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
