"""alembic_utils/simulate.py: an entity that exists for a while, in savepoints."""
import copy
from contextlib import ExitStack, contextmanager


@contextmanager
def simulate_entity(sess, entity, dependencies=None):
    from alembic_utils.pg_materialized_view import PGMaterializedView

    if isinstance(entity, PGMaterializedView) and entity.with_data:
        entity = copy.deepcopy(entity)
        entity.with_data = False
    outer = sess.begin_nested()
    try:
        with ExitStack() as stack:
            for dependency in dependencies or ():
                stack.enter_context(simulate_entity(sess, dependency))
            dropped = False
            inner = sess.begin_nested()
            try:
                sess.execute(entity.to_sql_statement_drop(cascade=True))
                dropped = True
                sess.execute(entity.to_sql_statement_create())
                yield sess
            except:
                if dropped:
                    raise
                # There was nothing to drop.
                inner.rollback()
                inner = sess.begin_nested()
                sess.execute(entity.to_sql_statement_create())
                yield sess
            finally:
                inner.rollback()
    finally:
        outer.rollback()
