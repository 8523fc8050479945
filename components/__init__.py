"""Components: reusable parts of a Pulumi program, one a file."""

from .cron_job import CronJob, CronJobArgs
from .drift_check import DriftCheck, DriftCheckArgs
from .job import Job, JobArgs
from .nginx_operator import NginxOperator, NginxOperatorArgs
from .nginx_site import NginxSite, NginxSiteArgs
from .node_agent import NodeAgent, NodeAgentArgs
from .web_service import WebService, WebServiceArgs

__all__ = [
    "CronJob",
    "CronJobArgs",
    "DriftCheck",
    "DriftCheckArgs",
    "Job",
    "JobArgs",
    "NginxOperator",
    "NginxOperatorArgs",
    "NginxSite",
    "NginxSiteArgs",
    "NodeAgent",
    "NodeAgentArgs",
    "WebService",
    "WebServiceArgs",
]
