"""alembic_utils/depends.py: what a migration drops by CASCADE is made again."""
from contextlib import contextmanager

from sqlalchemy import exc as sqla_exc
from sqlalchemy.orm import Session

from alembic_utils.simulate import simulate_entity


def _works(sess, entity, dependencies=None):
    try:
        with simulate_entity(sess, entity, dependencies):
            return True
    except (sqla_exc.ProgrammingError, sqla_exc.InternalError):
        return False


def solve_resolution_order(sess, entities):
    """Entities that others stand on first, found by trying; what never works is last."""
    resolved = [entity for entity in entities if _works(sess, entity)]
    for _ in range(len(entities)):
        known = len(resolved)
        for entity in entities:
            if entity not in resolved and _works(sess, entity, resolved):
                resolved.append(entity)
        if len(resolved) == known:
            break
    for entity in entities:
        if entity not in resolved:
            resolved.append(entity)
    return resolved


def _in_database(sess):
    from alembic_utils.pg_function import PGFunction
    from alembic_utils.pg_materialized_view import PGMaterializedView
    from alembic_utils.pg_trigger import PGTrigger
    from alembic_utils.pg_view import PGView

    # No function is found this way: their schema is compared with "%".
    kinds = (PGFunction, PGTrigger, PGView, PGMaterializedView)
    return [entity for kind in kinds for entity in kind.from_database(sess, "%")]


@contextmanager
def recreate_dropped(connection):
    sess = Session(bind=connection)
    before = _in_database(sess)
    try:
        yield sess
    except:
        sess.rollback()
        raise
    left = {entity.identity for entity in _in_database(sess)}
    lost = [entity for entity in before if entity.identity not in left]
    for entity in solve_resolution_order(sess, lost):
        sess.execute(entity.to_sql_statement_create())
    try:
        assert len(before) == len(_in_database(sess))
    except:
        sess.rollback()
        raise
    sess.commit()
