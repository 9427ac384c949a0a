//! Expressions as SQLAlchemy's operators build them. sqlalchemy/sql/default_comparator.py, elements.py.

use crate::schema::expr::Binary;
use crate::schema::expr::Bind;
use crate::schema::expr::ClauseList;
use crate::schema::expr::Expr;
use crate::schema::expr::Unary;
use crate::schema::expr::infer::Affinity;
use crate::schema::expr::infer::adapt;
use crate::schema::expr::infer::boolean;
use crate::schema::expr::operator::Operator;
use crate::schema::literal::Literal;
use crate::schema::types::SqlType;

impl Expr {
    /// `self_group(against)`: parentheses where the operator around it wants them.
    pub fn self_group(self, against: Option<&Operator>) -> Self {
        let needs = match &self {
            Self::Binary(binary) => {
                binary.operator.is_precedent(against)
                    || (against == Some(&Operator::Not) && !binary.operator.is_comparison())
            }
            Self::Unary(unary) => {
                // `DESC` and its kin are modifiers, not operators: elements.py UnaryExpression.self_group.
                !unary.operator.is_modifier()
                    && !unary.is_as_boolean()
                    && unary.operator.is_precedent(against)
            }
            Self::List(list) => {
                !list.clauses.is_empty()
                    && (list.operator.is_precedent(against)
                        || (against == Some(&Operator::Not) && !list.operator.is_comparison()))
            }
            Self::Text(_) => against == Some(&Operator::In),
            Self::Filter(_, _) => against.is_none_or(Operator::groups_filter),
            Self::Over(_) | Self::WithinGroup(_, _) => {
                matches!(against, Some(Operator::GetItem))
            }
            Self::Column(_)
            | Self::LiteralColumn(_, _)
            | Self::Bind(_)
            | Self::Function(_)
            | Self::Cast(_, _)
            | Self::Case(_)
            | Self::Extract(_, _)
            | Self::Null
            | Self::True
            | Self::False => matches!(against, Some(Operator::Any | Operator::All)),
            Self::TypeCoerce(inner, sql_type) => {
                let grouped = (**inner).clone().self_group(against);
                return Self::TypeCoerce(Box::new(grouped), sql_type.clone());
            }
            Self::Label(label) => return label.element.clone().self_group(against),
            Self::Query(_)
            | Self::Star(_)
            | Self::Tuple(_, _)
            | Self::Grouping(_)
            | Self::Collation(_)
            | Self::Array(_, _)
            | Self::AggregateOrderBy(_, _)
            | Self::Slice(_, _)
            | Self::LabelReference(_)
            | Self::NextValue(_)
            | Self::From(_)
            | Self::ScalarSubquery(_)
            | Self::Insert(_)
            | Self::Update(_)
            | Self::Delete(_)
            | Self::Values(_) => false,
        };
        if needs {
            Self::Grouping(Box::new(self))
        } else {
            self
        }
    }

    /// The label inside out: operators work on what is labelled.
    fn operand(self) -> Self {
        match self {
            Self::Label(label) => label.element,
            other => other,
        }
    }

    /// A value beside this expression: its type is this one's unless the value says otherwise.
    pub fn bind_beside(&self, value: Literal) -> Self {
        let sql_type = self.sql_type().coerce_compared_value(&value);
        Self::Bind(Box::new(Bind::anonymous(self.bind_name(), value, sql_type)))
    }

    fn is_collection_aggregate(&self) -> bool {
        matches!(self, Self::Unary(unary) if matches!(unary.operator, Operator::Any | Operator::All))
    }

    /// `BinaryExpression` as it is, sides grouped.
    pub fn raw_binary(
        left: Self,
        operator: Operator,
        right: Self,
        sql_type: SqlType,
        negate: Option<Operator>,
    ) -> Self {
        let left = left.self_group(Some(&operator));
        let right = right.self_group(Some(&operator));
        Self::Binary(Box::new(Binary {
            left,
            operator,
            right,
            sql_type,
            negate,
            modifiers: Vec::new(),
        }))
    }

    /// `OperatorExpression._construct_for_op`: chains of associative operators become lists.
    pub fn construct(
        left: Self,
        operator: Operator,
        right: Self,
        sql_type: SqlType,
        negate: Option<Operator>,
    ) -> Self {
        let (left, right) = (left.operand(), right.operand());
        if operator.is_associative() {
            let flat = |side: &Self| -> Option<Vec<Self>> {
                match side {
                    Self::Binary(binary)
                        if binary.operator == operator
                            && binary.sql_type.affinity() == sql_type.affinity() =>
                    {
                        Some(vec![binary.left.clone(), binary.right.clone()])
                    }
                    Self::List(list)
                        if list.operator == operator
                            && list.sql_type.affinity() == sql_type.affinity() =>
                    {
                        Some(list.clauses.clone())
                    }
                    _ => None,
                }
            };
            let (from_left, from_right) = (flat(&left), flat(&right));
            if from_left.is_some() || from_right.is_some() {
                let mut clauses = from_left.unwrap_or_else(|| vec![left]);
                clauses.extend(from_right.unwrap_or_else(|| vec![right]));
                let clauses = clauses
                    .into_iter()
                    .map(|clause| clause.self_group(Some(&operator)))
                    .collect();
                return Self::List(Box::new(ClauseList {
                    operator,
                    clauses,
                    sql_type,
                }));
            }
        }
        let negate = if left.is_collection_aggregate() || right.is_collection_aggregate() {
            None
        } else {
            negate
        };
        Self::raw_binary(left, operator, right, sql_type, negate)
    }

    /// `_binary_operate`: arithmetic and the like.
    pub fn operate(left: Self, operator: Operator, right: Self) -> Self {
        let (operator, sql_type) = adapt(&left.sql_type(), operator, &right.sql_type());
        Self::construct(left, operator, right, sql_type, None)
    }

    /// `_boolean_compare`: comparisons; NULL, true and false get their own operators.
    pub fn compare(left: Self, operator: Operator, right: Self) -> Result<Self, &'static str> {
        let negate = operator.negation();
        let is_boolean = matches!(right, Self::True | Self::False);
        if is_boolean && matches!(operator, Operator::Eq | Operator::Ne)
            || matches!(
                operator,
                Operator::IsDistinctFrom | Operator::IsNotDistinctFrom
            )
            || left.is_collection_aggregate()
        {
            return Ok(Self::construct(left, operator, right, boolean(), negate));
        }
        if is_boolean || matches!(right, Self::Null) {
            let operator = match operator {
                Operator::Eq | Operator::Is => Operator::Is,
                Operator::Ne | Operator::IsNot => Operator::IsNot,
                _ => {
                    return Err(
                        "Only '=', '!=', 'is_()', 'is_not()', 'is_distinct_from()', 'is_not_distinct_from()' operators can be used with None/True/False",
                    );
                }
            };
            let negate = operator.negation();
            return Ok(Self::construct(left, operator, right, boolean(), negate));
        }
        Ok(Self::construct(left, operator, right, boolean(), negate))
    }

    /// `x.op(text)(y)`.
    pub fn custom(left: Self, operator: Operator, right: Self, result: Option<SqlType>) -> Self {
        match result {
            Some(sql_type) => Self::construct(left, operator, right, sql_type, None),
            None if operator.is_comparison() => {
                Self::construct(left, operator, right, boolean(), None)
            }
            None => {
                let sql_type = left.sql_type();
                Self::construct(left, operator, right, sql_type, None)
            }
        }
    }

    /// `x BETWEEN a AND b`.
    pub fn between(self, low: Self, high: Self, negated: bool) -> Self {
        let operator = if negated {
            Operator::NotBetween
        } else {
            Operator::Between
        };
        let clauses = vec![
            // upstream: `group=False`
            low, high,
        ];
        let bounds = Self::List(Box::new(ClauseList {
            operator: Operator::And,
            clauses,
            sql_type: SqlType::Null,
        }));
        let negate = operator.negation();
        let left = self.operand().self_group(Some(&operator));
        Self::Binary(Box::new(Binary {
            left,
            operator,
            right: bounds,
            sql_type: boolean(),
            negate,
            modifiers: Vec::new(),
        }))
    }

    /// An operator with one side.
    pub fn unary(self, operator: Operator, sql_type: SqlType) -> Self {
        let element = match (&self, &operator) {
            (
                Self::Label(_),
                Operator::Desc | Operator::Asc | Operator::NullsFirst | Operator::NullsLast,
            ) => self,
            _ => self.self_group(Some(&operator)),
        };
        Self::Unary(Box::new(Unary {
            element,
            operator,
            sql_type,
        }))
    }

    /// `and_(…)`, `or_(…)`: `BooleanClauseList._construct`.
    pub fn conjunction(operator: &Operator, clauses: Vec<Self>) -> Self {
        let (continue_on, skip_on) = match operator {
            Operator::Or => (Self::False, Self::True),
            _ => (Self::True, Self::False),
        };
        let mut kept: Vec<Self> = Vec::new();
        let mut continued = false;
        for clause in clauses {
            if clause == skip_on {
                return skip_on.self_group_as_boolean();
            }
            if clause == continue_on {
                continued = true;
                continue;
            }
            kept.push(clause);
        }
        if kept.is_empty() {
            return if continued {
                continue_on.self_group_as_boolean()
            } else {
                Self::List(Box::new(ClauseList {
                    operator: operator.clone(),
                    clauses: Vec::new(),
                    sql_type: boolean(),
                }))
            };
        }
        if kept.len() == 1 {
            return kept.remove(0).self_group_as_boolean();
        }
        let mut flat: Vec<Self> = Vec::new();
        for clause in kept {
            match clause {
                Self::List(list) if list.operator == *operator => flat.extend(list.clauses),
                other => flat.push(other.self_group(Some(operator))),
            }
        }
        Self::List(Box::new(ClauseList {
            operator: operator.clone(),
            clauses: flat,
            sql_type: boolean(),
        }))
    }

    /// `self_group(against=_asbool)`: a boolean by itself becomes a condition, `AsBoolean`.
    pub fn self_group_as_boolean(self) -> Self {
        match &self {
            // the one comparison that binds less than anything
            Self::Binary(binary) if matches!(binary.operator, Operator::Affix(_)) => {
                Self::Grouping(Box::new(self))
            }
            _ if self.is_plain_boolean() => self.unary(Operator::IsTrue, boolean()),
            _ => self,
        }
    }

    /// A comma list.
    pub fn comma_list(clauses: Vec<Self>) -> Self {
        Self::List(Box::new(ClauseList {
            operator: Operator::Comma,
            clauses,
            sql_type: SqlType::Null,
        }))
    }

    /// `lower(x)` and the like, from Rust.
    pub fn function(name: &str, arguments: Vec<Self>, sql_type: SqlType) -> Self {
        Self::Function(Box::new(crate::schema::expr::Function {
            id: crate::schema::expr::from::new_id(),
            packages: Vec::new(),
            name: crate::schema::name::Name::new(name),
            arguments,
            sql_type,
        }))
    }

    /// Whether the type is a boolean.
    pub fn is_boolean(&self) -> bool {
        self.sql_type().affinity() == Affinity::Boolean
    }
}

impl Unary {
    /// `b` or `NOT b` of a boolean by itself (`AsBoolean`): it never needs parentheses.
    pub fn is_as_boolean(&self) -> bool {
        self.operator == Operator::IsTrue
            || self.operator == Operator::Not
                && matches!(
                    self.element,
                    Expr::Column(_)
                        | Expr::LiteralColumn(_, _)
                        | Expr::Function(_)
                        | Expr::Cast(_, _)
                        | Expr::Case(_)
                        | Expr::Bind(_)
                )
                && self.element.is_boolean()
    }
}

impl Expr {
    /// Without the outermost parentheses.
    pub fn ungroup(self) -> Self {
        match self {
            Self::Grouping(inner) => *inner,
            other => other,
        }
    }
}
