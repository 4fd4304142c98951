"""Learned equilibria: parties that answer the law with strategies of their own, and how sure that is one."""
