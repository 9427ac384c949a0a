//! `~x`, `not_(x)`. sqlalchemy/sql/elements.py `_negate`.

use crate::schema::expr::Binary;
use crate::schema::expr::Expr;
use crate::schema::expr::Unary;
use crate::schema::expr::infer::boolean;
use crate::schema::expr::operator::Operator;

impl Expr {
    /// `NOT x`, or the opposite comparison.
    pub fn negate(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Binary(binary) => match &binary.negate {
                Some(negated) => {
                    let negated = negated.clone();
                    Self::Binary(Box::new(Binary {
                        negate: Some(binary.operator.clone()),
                        operator: negated,
                        ..*binary
                    }))
                }
                None => not(Self::Binary(binary).self_group(None)),
            },
            Self::Unary(unary) if unary.operator == Operator::IsTrue => unary.element.negate(),
            Self::Unary(unary) if unary.is_as_boolean() => {
                unary.element.unary(Operator::IsTrue, boolean())
            }
            Self::Grouping(inner) => not(Self::Grouping(inner)),
            Self::Label(label) => label.element.negate(),
            other if other.is_boolean_operand() => not(other),
            other => not(other.self_group(Some(&Operator::Not))),
        }
    }

    /// What upstream wraps in `AsBoolean`.
    pub fn is_plain_boolean(&self) -> bool {
        matches!(self, Self::True | Self::False) || self.is_boolean_operand()
    }

    /// The same without the constants, whose negation is the other constant.
    fn is_boolean_operand(&self) -> bool {
        matches!(
            self,
            Self::Column(_)
                | Self::LiteralColumn(_, _)
                | Self::Function(_)
                | Self::Cast(_, _)
                | Self::Case(_)
                | Self::Bind(_)
        ) && self.is_boolean()
    }
}

fn not(element: Expr) -> Expr {
    Expr::Unary(Box::new(Unary {
        element,
        operator: Operator::Not,
        sql_type: boolean(),
    }))
}
