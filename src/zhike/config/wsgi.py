"""The entry point of the web server. Owns nothing but the start of Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"zhike.config.settings.{os.environ.get('ZHIKE_ENV', 'dev')}")
application = get_wsgi_application()
