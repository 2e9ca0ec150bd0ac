from clasio_backend.core.repository import ScopedRepository
from clasio_backend.models import Mail


class MailRepository(ScopedRepository[Mail]):
    model = Mail
    what = "message"
