//! What `--help` shows below the options: commands to copy. Not in Alembic.

/// What a line does.
type Example = (&'static str, &'static str);

/// The examples of every command: the words after the program's name, and what they do.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "branches",
        &[(
            "branches -v",
            "every branch point with its file and what stands on it",
        )],
    ),
    (
        "check",
        &[("check", "says what to use instead: it takes the models")],
    ),
    (
        "completions",
        &[
            (
                "completions bash",
                "write the script for bash, for ~/.bash_completion",
            ),
            ("completions zsh", "the same for zsh"),
        ],
    ),
    (
        "current",
        &[
            ("current", "the revisions the database is at"),
            (
                "current --check-heads",
                "fail unless that is all heads: for a readiness probe",
            ),
            ("current --format json", "for a program to read"),
        ],
    ),
    (
        "downgrade",
        &[
            ("downgrade -1", "one step back"),
            ("downgrade ae10", "back to the revision whose id starts so"),
            ("downgrade base", "all the way"),
            ("downgrade head:base --sql", "print the SQL of the way back"),
        ],
    ),
    (
        "edit",
        &[("edit head", "open the newest revision in $EDITOR")],
    ),
    (
        "ensure_version",
        &[(
            "ensure_version",
            "create the version table and nothing else",
        )],
    ),
    (
        "graph",
        &[
            ("graph", "Mermaid, for a README"),
            ("graph --as svg", "a picture, without Graphviz"),
            ("graph --as dot", "for Graphviz"),
            ("graph --as json", "for a program to read"),
        ],
    ),
    (
        "heads",
        &[(
            "heads -v",
            "the revisions nothing stands on, with their files",
        )],
    ),
    (
        "history",
        &[
            ("history", "all revisions, newest first"),
            (
                "history --graph -i",
                "beside the graph, with the database's position marked",
            ),
            ("history -r ae10:head", "from one revision to another"),
            ("history -r current:", "what is still to come"),
        ],
    ),
    (
        "init",
        &[
            ("init migrations", "a new project in ./migrations"),
            ("init -t async migrations", "for an async engine"),
            (
                "init -t pyproject migrations",
                "configured in pyproject.toml",
            ),
        ],
    ),
    (
        "list_templates",
        &[("list_templates", "what `init -t` takes")],
    ),
    (
        "man",
        &[("man ./man1", "write the manual pages into a folder")],
    ),
    (
        "merge",
        &[
            (
                "merge heads -m \"join the branches\"",
                "a revision that joins all heads",
            ),
            ("merge ae10 b2c3 -m \"join two\"", "or these"),
        ],
    ),
    (
        "plan",
        &[
            (
                "plan",
                "what `upgrade heads` would run; exit status 3 when there is something",
            ),
            ("plan +2", "what `upgrade +2` would run"),
            ("plan --format json", "for a program to read"),
        ],
    ),
    (
        "revision",
        &[
            ("revision -m \"add users\"", "a new file on top of the head"),
            (
                "revision -m \"hotfix\" --head ae10 --splice",
                "on top of a revision that is no head: a branch",
            ),
            (
                "revision -m \"shop\" --head base --branch-label shop",
                "a new branch from nothing",
            ),
        ],
    ),
    (
        "show",
        &[
            ("show head", "the newest revision with its docstring"),
            ("show ae10", "the one whose id starts so"),
        ],
    ),
    (
        "stamp",
        &[
            (
                "stamp head",
                "write down that the schema is up to date, running nothing",
            ),
            ("stamp --purge ae10", "whatever the table said before"),
        ],
    ),
    (
        "upgrade",
        &[
            ("upgrade head", "run everything that is missing"),
            ("upgrade head --sql", "print the SQL instead, for review"),
            ("upgrade ae10:head --sql", "from a revision on"),
            ("upgrade +1", "one step"),
            ("upgrade shop@head", "one branch"),
        ],
    ),
];

fn of(command: &str) -> &'static [Example] {
    EXAMPLES
        .iter()
        .find(|(name, _)| *name == command)
        .map_or(&[], |(_, examples)| examples)
}

/// The section below the options.
pub(crate) fn section(program: &str, command: &str) -> Option<String> {
    let examples = of(command);
    let width = examples
        .iter()
        .map(|(words, _)| words.chars().count())
        .max()?;
    let lines: Vec<String> = examples
        .iter()
        .map(|(words, what)| format!("  {program} {words:width$}   {what}"))
        .collect();
    Some(format!("Examples:\n{}", lines.join("\n")))
}
