//! Operators and their precedence. sqlalchemy/sql/operators.py.

/// An operator.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "each is the operator of its name in sqlalchemy/sql/operators.py"
)]
pub enum Operator {
    GetItem,
    JsonGetItem,
    JsonPathGetItem,
    HstoreGetItem,
    Any,
    All,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Neg,
    BitwiseNot,
    Add,
    Sub,
    BitwiseXor,
    BitwiseOr,
    BitwiseAnd,
    LeftShift,
    RightShift,
    Concat,
    Match,
    NotMatch,
    RegexpMatch,
    NotRegexpMatch,
    RegexpReplace,
    Ilike,
    NotIlike,
    Like,
    NotLike,
    In,
    NotIn,
    Is,
    IsNot,
    Eq,
    Ne,
    IsDistinctFrom,
    IsNotDistinctFrom,
    Gt,
    Lt,
    Ge,
    Le,
    Between,
    NotBetween,
    Distinct,
    Not,
    IsTrue,
    And,
    Or,
    Comma,
    Desc,
    Asc,
    NullsFirst,
    NullsLast,
    Collate,
    Exists,
    /// `x.startswith(y)` and its kin.
    Affix(Affix),
    /// `x.op("->")`, and the operators of PostgreSQL's types.
    Custom(CustomOperator),
}

/// `startswith`, `endswith`, `contains`: LIKE with `%` before or after what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affix {
    /// Whether anything may come before.
    pub before: bool,
    /// Whether anything may come after.
    pub after: bool,
    /// `istartswith` and its kin.
    pub insensitive: bool,
    /// NOT.
    pub negated: bool,
}

impl Affix {
    /// The text between the sides.
    pub fn text(self) -> &'static str {
        match (self.negated, self.insensitive) {
            (false, false) => " LIKE ",
            (true, false) => " NOT LIKE ",
            (false, true) => " ILIKE ",
            (true, true) => " NOT ILIKE ",
        }
    }
}

/// `custom_op`.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomOperator {
    /// The text.
    pub text: String,
    /// `precedence=`.
    pub precedence: i32,
    /// Whether the result is a boolean.
    pub is_comparison: bool,
    /// Whether parentheses are always put around both sides (`eager_grouping`).
    pub eager_grouping: bool,
    /// Whether `a op b op c` needs no parentheses (`is_natural_self_precedent`).
    pub natural_self_precedent: bool,
}

impl Operator {
    /// Whether this is written after its element and never grouped with it.
    pub fn is_modifier(&self) -> bool {
        matches!(
            self,
            Self::Desc | Self::Asc | Self::NullsFirst | Self::NullsLast
        )
    }

    /// A custom operator with default precedence.
    pub fn custom(text: impl Into<String>) -> Self {
        Self::Custom(CustomOperator {
            text: text.into(),
            precedence: 0,
            is_comparison: false,
            eager_grouping: false,
            natural_self_precedent: false,
        })
    }

    /// An operator of PostgreSQL's types: parentheses when nested.
    pub fn postgresql(text: &str, precedence: i32, is_comparison: bool) -> Self {
        Self::Custom(CustomOperator {
            text: text.to_owned(),
            precedence,
            is_comparison,
            eager_grouping: true,
            natural_self_precedent: true,
        })
    }

    /// `_PRECEDENCE`; `None` where the table has no entry.
    pub fn precedence(&self) -> Option<i32> {
        Some(match self {
            Self::GetItem
            | Self::JsonGetItem
            | Self::JsonPathGetItem
            | Self::HstoreGetItem
            | Self::Any
            | Self::All => 15,
            Self::Mul
            | Self::TrueDiv
            | Self::FloorDiv
            | Self::Mod
            | Self::Neg
            | Self::BitwiseNot => 8,
            Self::Add
            | Self::Sub
            | Self::BitwiseXor
            | Self::BitwiseOr
            | Self::BitwiseAnd
            | Self::LeftShift
            | Self::RightShift => 7,
            Self::Concat
            | Self::Match
            | Self::NotMatch
            | Self::RegexpMatch
            | Self::NotRegexpMatch
            | Self::RegexpReplace
            | Self::Ilike
            | Self::NotIlike
            | Self::Like
            | Self::NotLike
            | Self::In
            | Self::NotIn
            | Self::Is
            | Self::IsNot
            | Self::Eq
            | Self::Ne
            | Self::IsDistinctFrom
            | Self::IsNotDistinctFrom
            | Self::Gt
            | Self::Lt
            | Self::Ge
            | Self::Le
            | Self::Between
            | Self::NotBetween
            | Self::Distinct
            | Self::Not
            | Self::IsTrue => 5,
            Self::Collate => 4,
            Self::And | Self::Desc | Self::Asc => 3,
            Self::Or => 2,
            Self::Exists => 0,
            Self::Comma => -1,
            Self::NullsFirst | Self::NullsLast | Self::Affix(_) => return None,
            Self::Custom(custom) => custom.precedence,
        })
    }

    /// Whether `a op b op c` needs no parentheses: `_natural_self_precedent`.
    fn is_natural_self_precedent(&self) -> bool {
        match self {
            Self::Custom(custom) => custom.natural_self_precedent,
            Self::Add
            | Self::Mul
            | Self::And
            | Self::Or
            | Self::Concat
            | Self::GetItem
            | Self::JsonGetItem
            | Self::JsonPathGetItem
            | Self::HstoreGetItem
            | Self::Comma => true,
            _ => false,
        }
    }

    /// `is_precedent`: whether an expression of this operator needs parentheses inside one of `against`.
    pub fn is_precedent(&self, against: Option<&Self>) -> bool {
        if let Some(against) = against
            && self == against
            && self.is_natural_self_precedent()
        {
            return false;
        }
        let own = self.precedence().unwrap_or(-100);
        against.is_none_or(|against| own <= against.precedence().unwrap_or(100))
    }

    /// Whether `f() FILTER (…)` needs parentheses inside an expression of this: `filter_op` has precedence 6.
    pub fn groups_filter(&self) -> bool {
        self.precedence().is_none_or(|precedence| precedence >= 6)
    }

    /// Whether the result is true or false.
    pub fn is_comparison(&self) -> bool {
        match self {
            Self::Eq
            | Self::Ne
            | Self::Gt
            | Self::Lt
            | Self::Ge
            | Self::Le
            | Self::In
            | Self::NotIn
            | Self::Is
            | Self::IsNot
            | Self::IsDistinctFrom
            | Self::IsNotDistinctFrom
            | Self::Like
            | Self::NotLike
            | Self::Ilike
            | Self::NotIlike
            | Self::Between
            | Self::NotBetween
            | Self::Match
            | Self::NotMatch
            | Self::RegexpMatch
            | Self::NotRegexpMatch
            | Self::And
            | Self::Or
            | Self::Not
            | Self::IsTrue
            | Self::Affix(_)
            | Self::Exists => true,
            Self::Custom(custom) => custom.is_comparison,
            _ => false,
        }
    }

    /// `is_associative`: whether chains of this operator are written flat.
    pub fn is_associative(&self) -> bool {
        matches!(
            self,
            Self::Concat | Self::Add | Self::Mul | Self::And | Self::Or
        )
    }

    /// The text between the sides.
    pub fn text(&self) -> &str {
        match self {
            Self::GetItem | Self::JsonGetItem | Self::HstoreGetItem => " -> ",
            Self::JsonPathGetItem => " #> ",
            Self::Any => "ANY ",
            Self::All => "ALL ",
            Self::Mul => " * ",
            Self::TrueDiv | Self::FloorDiv => " / ",
            Self::Mod => " % ",
            Self::Neg => "-",
            Self::BitwiseNot => "~",
            Self::Add => " + ",
            Self::Sub => " - ",
            Self::BitwiseXor => " # ",
            Self::BitwiseOr => " | ",
            Self::BitwiseAnd => " & ",
            Self::LeftShift => " << ",
            Self::RightShift => " >> ",
            Self::Concat => " || ",
            Self::Match => " @@ ",
            Self::NotMatch => " NOT MATCH ",
            Self::RegexpMatch => " ~ ",
            Self::NotRegexpMatch => " !~ ",
            Self::RegexpReplace => ", ",
            Self::Ilike => " ILIKE ",
            Self::NotIlike => " NOT ILIKE ",
            Self::Like => " LIKE ",
            Self::NotLike => " NOT LIKE ",
            Self::Affix(affix) => affix.text(),
            Self::In => " IN ",
            Self::NotIn => " NOT IN ",
            Self::Is => " IS ",
            Self::IsNot => " IS NOT ",
            Self::Eq => " = ",
            Self::Ne => " != ",
            Self::IsDistinctFrom => " IS DISTINCT FROM ",
            Self::IsNotDistinctFrom => " IS NOT DISTINCT FROM ",
            Self::Gt => " > ",
            Self::Lt => " < ",
            Self::Ge => " >= ",
            Self::Le => " <= ",
            Self::Between => " BETWEEN ",
            Self::NotBetween => " NOT BETWEEN ",
            Self::Distinct => "DISTINCT ",
            Self::Not => "NOT ",
            Self::IsTrue => "",
            Self::And => " AND ",
            Self::Or => " OR ",
            Self::Comma => ", ",
            Self::Desc => " DESC",
            Self::Asc => " ASC",
            Self::NullsFirst => " NULLS FIRST",
            Self::NullsLast => " NULLS LAST",
            Self::Collate => " COLLATE ",
            Self::Exists => "EXISTS ",
            Self::Custom(custom) => &custom.text,
        }
    }

    /// What `~` makes of a comparison.
    pub fn negation(&self) -> Option<Self> {
        Some(match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Gt => Self::Le,
            Self::Le => Self::Gt,
            Self::Lt => Self::Ge,
            Self::Ge => Self::Lt,
            Self::In => Self::NotIn,
            Self::NotIn => Self::In,
            Self::Is => Self::IsNot,
            Self::IsNot => Self::Is,
            Self::IsDistinctFrom => Self::IsNotDistinctFrom,
            Self::IsNotDistinctFrom => Self::IsDistinctFrom,
            Self::Like => Self::NotLike,
            Self::NotLike => Self::Like,
            Self::Ilike => Self::NotIlike,
            Self::NotIlike => Self::Ilike,
            Self::Between => Self::NotBetween,
            Self::NotBetween => Self::Between,
            Self::Match => Self::NotMatch,
            Self::NotMatch => Self::Match,
            Self::RegexpMatch => Self::NotRegexpMatch,
            Self::NotRegexpMatch => Self::RegexpMatch,
            _ => return None,
        })
    }
}
