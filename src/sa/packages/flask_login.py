"""flask_login/mixins.py, login_manager.py: the mixins of models, which add no columns, and a manager that asks nobody."""


class UserMixin:
    @property
    def is_active(self):
        return True

    @property
    def is_authenticated(self):
        return self.is_active

    @property
    def is_anonymous(self):
        return False

    def get_id(self):
        try:
            return str(self.id)
        except AttributeError:
            raise NotImplementedError("No `id` attribute - override `get_id`") from None


class AnonymousUserMixin:
    is_authenticated = False
    is_active = False
    is_anonymous = True

    def get_id(self):
        return None


class LoginManager:
    def __init__(self, app=None, add_context_processor=True):
        self.anonymous_user = AnonymousUserMixin
        self.login_view = None
        self.blueprint_login_views = {}
        if app is not None:
            self.init_app(app, add_context_processor)

    def init_app(self, app, add_context_processor=True):
        app.login_manager = self

    def user_loader(self, callback):
        return callback

    request_loader = unauthorized_handler = needs_refresh_handler = user_loader
