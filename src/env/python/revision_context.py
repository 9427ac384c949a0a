"""How env.py takes part in a new revision: alembic/autogenerate/{api,rewriter}.py, without a comparison of models."""

from alembic.autogenerate._render import AutogenContext
from alembic.autogenerate._render import Dispatcher
from alembic.autogenerate._render import body
from alembic.operations import _directives as ops


class Rewriter:
    """alembic/autogenerate/rewriter.py Rewriter."""

    _traverse = Dispatcher()
    _chained = ()

    def __init__(self):
        self.dispatch = Dispatcher()

    def chain(self, other):
        made = self.__class__.__new__(self.__class__)
        made.__dict__.update(self.__dict__)
        made._chained += (other,)
        return made

    def rewrites(self, operator):
        return self.dispatch.dispatch_for(operator)

    def _rewrite(self, context, revision, directive):
        try:
            rewriter = self.dispatch.dispatch(directive)
        except ValueError:
            yield directive
        else:
            if self in directive._mutations:
                yield directive
            else:
                for made in ops.to_list(rewriter(context, revision, directive), []):
                    made._mutations = made._mutations.union([self])
                    yield made

    def __call__(self, context, revision, directives):
        self.process_revision_directives(context, revision, directives)
        for process_revision_directives in self._chained:
            process_revision_directives(context, revision, directives)

    @_traverse.dispatch_for(ops.MigrationScript)
    def _traverse_script(self, context, revision, directive):
        upgrade_ops_list = []
        for upgrade_ops in directive.upgrade_ops_list:
            found = self._traverse_for(context, revision, upgrade_ops)
            if len(found) != 1:
                raise ValueError("Can only return single object for UpgradeOps traverse")
            upgrade_ops_list.append(found[0])
        directive.upgrade_ops = upgrade_ops_list
        downgrade_ops_list = []
        for downgrade_ops in directive.downgrade_ops_list:
            found = self._traverse_for(context, revision, downgrade_ops)
            if len(found) != 1:
                raise ValueError("Can only return single object for DowngradeOps traverse")
            downgrade_ops_list.append(found[0])
        directive.downgrade_ops = downgrade_ops_list

    @_traverse.dispatch_for(ops.OpContainer)
    def _traverse_op_container(self, context, revision, directive):
        self._traverse_list(context, revision, directive.ops)

    @_traverse.dispatch_for(ops.MigrateOperation)
    def _traverse_any_directive(self, context, revision, directive):
        pass

    def _traverse_for(self, context, revision, directive):
        directives = list(self._rewrite(context, revision, directive))
        for found in directives:
            self._traverse.dispatch(found)(self, context, revision, found)
        return directives

    def _traverse_list(self, context, revision, directives):
        made = []
        for directive in directives:
            made.extend(self._traverse_for(context, revision, directive))
        directives[:] = made

    def process_revision_directives(self, context, revision, directives):
        self._traverse_list(context, revision, directives)


class RevisionContext:
    """alembic/autogenerate/api.py RevisionContext."""

    def __init__(self, **command_args):
        self.generated_revisions = [
            ops.MigrationScript(upgrade_ops=ops.UpgradeOps([]), downgrade_ops=ops.DowngradeOps([]), **command_args)
        ]
        self._last_autogen_context = None

    def run_no_autogenerate(self, rev, migration_context):
        opts = migration_context.opts
        script = self.generated_revisions[-1]
        if not getattr(script, "_needs_render", False):
            script.upgrade_ops_list[-1].upgrade_token = opts["upgrade_token"]
            script.downgrade_ops_list[-1].downgrade_token = opts["downgrade_token"]
            script._needs_render = True
        else:
            script._upgrade_ops.append(ops.UpgradeOps([], upgrade_token=opts["upgrade_token"]))
            script._downgrade_ops.append(ops.DowngradeOps([], downgrade_token=opts["downgrade_token"]))
        self._last_autogen_context = AutogenContext(migration_context)
        hook = opts["process_revision_directives"]
        if hook:
            hook(migration_context, rev, self.generated_revisions)
        for script in self.generated_revisions:
            script._needs_render = True

    def template_args(self, script):
        """What stands under the tokens of a script."""
        made = {}
        if not getattr(script, "_needs_render", False):
            return made
        context = self._last_autogen_context
        context.imports = set()
        if script.imports:
            context.imports.update(script.imports)
        for upgrade_ops, downgrade_ops in zip(script.upgrade_ops_list, script.downgrade_ops_list):
            made[upgrade_ops.upgrade_token] = body(context, upgrade_ops)
            made[downgrade_ops.downgrade_token] = body(context, downgrade_ops)
        made["imports"] = "\n".join(sorted(context.imports))
        return made
