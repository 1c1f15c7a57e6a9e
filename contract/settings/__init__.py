"""The settings of a setup: sections with defaults, types and checks, read from a Pulumi stack file."""

from contract.settings.access import Access
from contract.settings.experiments import Experiments
from contract.settings.lifetime import Lifetime
from contract.settings.machines import Machines
from contract.settings.network import FirewallProfile, Network
from contract.settings.section import Section
from contract.settings.services import Hdfs, Ray, Service, Spark
from contract.settings.setup import Settings
from contract.settings.software import Software

__all__ = [
    "Access",
    "Experiments",
    "FirewallProfile",
    "Hdfs",
    "Lifetime",
    "Machines",
    "Network",
    "Ray",
    "Section",
    "Service",
    "Settings",
    "Software",
    "Spark",
]
