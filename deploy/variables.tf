variable "image" {
  description = "The container image built from deploy/Dockerfile, in this account's ECR."
  type        = string
}

variable "compute" {
  description = "lambda (up to 15 minutes) or fargate."
  type        = string
  default     = "lambda"

  validation {
    condition     = contains(["lambda", "fargate"], var.compute)
    error_message = "compute is lambda or fargate."
  }
}

variable "schedule" {
  description = "EventBridge Scheduler expression."
  type        = string
  default     = "rate(1 day)"
}

variable "states" {
  description = "What --from names: s3://bucket/key or s3://bucket/prefix/**."
  type        = list(string)
}

variable "state_buckets" {
  description = "ARNs of the buckets that hold those states."
  type        = list(string)
}

variable "settings" {
  description = "driftline.toml, as text: regions, required_tags, [[states]], fail_on …"
  type        = string
  default     = ""
}

variable "external_id" {
  description = "External id of the audit role, here and in every member account."
  type        = string
}

variable "subnets" {
  description = "Subnets of the Fargate task, with a way out to AWS."
  type        = list(string)
  default     = []
}

variable "name" {
  type    = string
  default = "driftline"
}
