variable "image" {
  description = "The container image built from deploy/Dockerfile, in ECR: its URI, best with its digest."
  type        = string
}

variable "architecture" {
  description = "What the image was built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"
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
  description = "What --from names: s3://bucket/key or s3://bucket/prefix/**. Without any, only the checks run."
  type        = list(string)
  default     = []
}

variable "state_buckets" {
  description = "ARNs of the buckets that hold those states."
  type        = list(string)
  default     = []
}

variable "state_keys" {
  description = "ARNs of the KMS keys that those buckets are encrypted with, if they have keys of their own."
  type        = list(string)
  default     = []
}

variable "settings" {
  description = "driftline.toml, as text: regions, required_tags, [[states]], [[accounts]], ous, fail_on …"
  type        = string
  default     = ""
}
