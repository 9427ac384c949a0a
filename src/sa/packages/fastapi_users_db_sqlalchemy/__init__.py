"""fastapi_users_db_sqlalchemy/__init__.py"""
from .generics import GUID, TIMESTAMPAware

UUID_ID = __import__("uuid").UUID
