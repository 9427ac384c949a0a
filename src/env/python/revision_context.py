"""How env.py takes part in a new revision: alembic/autogenerate/{api,render,rewriter}.py, without a comparison of models."""

import re

from alembic._support import refuse
from alembic.operations import _directives as ops


class Dispatcher:
    """alembic/util/langhelpers.py Dispatcher."""

    def __init__(self):
        self._registry = {}

    def dispatch_for(self, target, *, qualifier="default", replace=False):
        def decorate(fn):
            if (target, qualifier) in self._registry and not replace:
                raise ValueError(
                    f"Can not set dispatch function for object {target!r}: key already exists. To replace existing function, use replace=True."
                )
            self._registry[(target, qualifier)] = fn
            return fn

        return decorate

    def dispatch(self, obj, qualifier="default"):
        if isinstance(obj, str):
            targets = [obj]
        elif isinstance(obj, type):
            targets = obj.__mro__
        else:
            targets = type(obj).__mro__
        qualifiers = ["default"] if qualifier == "default" else [qualifier, "default"]
        for target in targets:
            for name in qualifiers:
                if (target, name) in self._registry:
                    return self._registry[(target, name)]
        raise ValueError("no dispatch function for object: %s" % obj)

    def branch(self):
        made = Dispatcher()
        made._registry.update(self._registry)
        return made


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


renderers = Dispatcher()


@renderers.dispatch_for(ops.ExecuteSQLOp)
def _execute_sql(autogen_context, op):
    if not isinstance(op.sqltext, str):
        raise NotImplementedError(
            "Autogenerate rendering of SQL Expression language constructs not supported here; please use a plain SQL string"
        )
    return "{}execute({!r})".format(autogen_context.opts["alembic_module_prefix"] or "", op.sqltext)


class AutogenContext:
    """What a renderer is told."""

    def __init__(self, migration_context):
        self.migration_context = migration_context
        self.connection = migration_context.bind
        self.dialect = migration_context.dialect
        self.opts = migration_context.opts
        self.metadata = self.opts.get("target_metadata")
        self.imports = set()

    def __getattr__(self, name):
        refuse(f"`{name}` of the AutogenContext")


def _lines(autogen_context, op):
    try:
        renderer = renderers.dispatch(op)
    except ValueError:
        if isinstance(op, ops.ModifyTableOps):
            refuse("an operation of `process_revision_directives` that alters a table")
        raise
    for line in ops.to_list(renderer(autogen_context, op)):
        # Mako's printer would indent what follows.
        if not isinstance(line, str) or "\n" in line or not line.strip() or re.search(r":[ \t]*(?:#.*)?$|^\s|\\$|\"\"\"|'''", line):
            refuse(f"a renderer's line that is not one plain statement, {line!r},")
        yield line


def _body(autogen_context, container):
    lines = [line for op in container.ops for line in _lines(autogen_context, op)] or ["pass"]
    text = "\n".join(
        ["# ### commands auto generated by Alembic - please adjust! ###", *lines, "# ### end Alembic commands ###", ""]
    )
    return re.compile(r" +$", re.M).sub("", re.compile(r"^", re.M).sub("    ", text).strip())


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
            made[upgrade_ops.upgrade_token] = _body(context, upgrade_ops)
            made[downgrade_ops.downgrade_token] = _body(context, downgrade_ops)
        made["imports"] = "\n".join(sorted(context.imports))
        return made
