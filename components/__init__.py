"""Components: reusable parts of a Pulumi program, one a file."""

from components.drift_check import DriftCheck, DriftCheckArgs
from components.nginx_operator import NginxOperator, NginxOperatorArgs
from components.nginx_site import NginxSite, NginxSiteArgs
from components.node_agent import NodeAgent, NodeAgentArgs
from components.web_service import WebService, WebServiceArgs

__all__ = [
    "DriftCheck",
    "DriftCheckArgs",
    "NginxOperator",
    "NginxOperatorArgs",
    "NginxSite",
    "NginxSiteArgs",
    "NodeAgent",
    "NodeAgentArgs",
    "WebService",
    "WebServiceArgs",
]
