"""What is not modelled of Flask: unresolved values under this name."""
import flask._unmodelled as rest
