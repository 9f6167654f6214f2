"""The examinee's side: one module a submission."""
