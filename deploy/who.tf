variable "name" {
  description = "What the function, the roles and the rest are called; one name for each account to scan."
  type        = string
  default     = "driftline"
}

variable "external_id" {
  description = "What the audit role asks for, at least 8 characters; here and in a member account the same."
  type        = string
}

variable "audit_role" {
  description = "ARN of the audit role of a member account (see member-role). Without one, this account is scanned."
  type        = string
  default     = ""
}

variable "org" {
  description = "Whether to scan all active accounts of the organization. Apply it where they may be listed."
  type        = bool
  default     = false
}

variable "member_role" {
  description = "Name of the audit role in other accounts (see member-roles); driftline-audit with org."
  type        = string
  default     = ""
}

variable "slack" {
  description = "Whether to make a secret for a Slack webhook's URL, and to post digests there."
  type        = bool
  default     = true
}

variable "subnets" {
  description = "Subnets of the Fargate task, with a way out to AWS."
  type        = list(string)
  default     = []
}

variable "security_groups" {
  description = "Security groups of the Fargate task; the VPC's default one without any."
  type        = list(string)
  default     = []
}
