"""A demo organization, so that a first look shows every screen with life. All of it is made here."""
