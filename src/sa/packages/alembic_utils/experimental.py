"""alembic_utils/experimental/__init__.py"""
from alembic_utils.experimental._collect_instances import collect_instances, collect_subclasses
