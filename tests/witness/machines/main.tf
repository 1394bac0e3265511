# Machines and what hangs on them: disks as blocks and apart, images, snapshots, addresses, interfaces, keys.

provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { Team = "shop" }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.6.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "main" {
  vpc_id            = aws_vpc.main.id
  availability_zone = "eu-west-1a"
  cidr_block        = "10.6.1.0/24"
}

resource "aws_security_group" "main" {
  for_each = toset(["web", "other"])

  name   = each.key
  vpc_id = aws_vpc.main.id
}

resource "aws_iam_role" "web" {
  name = "web"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "web" {
  name = "web"
  role = aws_iam_role.web.name
}

resource "aws_key_pair" "ops" {
  key_name   = "ops"
  public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPhY1sUJbHBpaHR25hARA8z9nOUSKH+QRU7iVeEyOqUZ ops"
}

resource "aws_key_pair" "prefixed" {
  key_name_prefix = "ci-"
  public_key      = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPhY1sUJbHBpaHR25hARA8z9nOUSKH+QRU7iVeEyOqUZ"
}

# --- instances -----------------------------------------------------------------------------------

# To moto a machine with an address of its own has none of the groups it was made with.
resource "aws_instance" "web" {
  ami                     = aws_ami_from_instance.golden.id
  instance_type           = "t3.small"
  subnet_id               = aws_subnet.main.id
  private_ip              = "10.6.1.20"
  key_name                = aws_key_pair.ops.key_name
  iam_instance_profile    = aws_iam_instance_profile.web.name
  ebs_optimized           = true
  disable_api_termination = true
  user_data               = "#!/bin/sh\necho hello"

  metadata_options {
    http_tokens = "required"
  }

  root_block_device {
    volume_size           = 30
    volume_type           = "gp3"
    encrypted             = true
    delete_on_termination = true
  }

  ebs_block_device {
    device_name = "/dev/sdg"
    volume_size = 11
    volume_type = "gp2"
  }

  ebs_block_device {
    device_name           = "/dev/sdh"
    volume_size           = 12
    delete_on_termination = false
    tags                  = { Kept = "yes" }
  }

  tags = { Name = "web" }
}

resource "aws_instance" "plain" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.main.id
  volume_tags   = { Disk = "plain" }
}

resource "aws_network_interface" "first" {
  subnet_id       = aws_subnet.main.id
  private_ips     = ["10.6.1.50"]
  security_groups = [aws_security_group.main["web"].id]
  description     = "Kept over instances"
}

resource "aws_instance" "on_interface" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"

  network_interface {
    device_index         = 0
    network_interface_id = aws_network_interface.first.id
  }
}

# --- interfaces and addresses ---------------------------------------------------------------------

resource "aws_network_interface" "second" {
  subnet_id         = aws_subnet.main.id
  private_ips       = ["10.6.1.60", "10.6.1.61"]
  source_dest_check = false
  tags              = { Name = "second" }
}

resource "aws_network_interface_attachment" "second" {
  instance_id          = aws_instance.plain.id
  network_interface_id = aws_network_interface.second.id
  device_index         = 1
}

resource "aws_network_interface" "least" {
  subnet_id = aws_subnet.main.id
}

resource "aws_eip" "inline" {
  domain   = "vpc"
  instance = aws_instance.web.id
  tags     = { Name = "inline" }
}

resource "aws_eip" "apart" {
  domain = "vpc"
}

resource "aws_eip_association" "apart" {
  allocation_id = aws_eip.apart.id
  instance_id   = aws_instance.plain.id
}

resource "aws_eip" "idle" {
  domain = "vpc"
}

# --- disks ----------------------------------------------------------------------------------------

resource "aws_ebs_volume" "data" {
  availability_zone = "eu-west-1a"
  size              = 100
  type              = "gp3"
  iops              = 4000
  throughput        = 200
  encrypted         = true
  tags              = { Name = "data" }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.plain.id
}

resource "aws_ebs_volume" "plain" {
  availability_zone = "eu-west-1a"
  size              = 8
}

resource "aws_ebs_snapshot" "plain" {
  volume_id   = aws_ebs_volume.plain.id
  description = "Before the move"
  tags        = { Name = "before" }
}

resource "aws_ebs_snapshot_copy" "plain" {
  source_snapshot_id = aws_ebs_snapshot.plain.id
  source_region      = "eu-west-1"
}

resource "aws_ami_from_instance" "golden" {
  name               = "golden"
  source_instance_id = aws_instance.plain.id
  description        = "As it was"
}

resource "aws_ami" "own" {
  name                = "own"
  virtualization_type = "hvm"
  root_device_name    = "/dev/xvda"
  ena_support         = true

  ebs_block_device {
    device_name = "/dev/xvda"
    snapshot_id = aws_ebs_snapshot.plain.id
    volume_size = 8
  }
}

resource "aws_ami_copy" "golden" {
  name              = "golden-copy"
  source_ami_id     = aws_ami_from_instance.golden.id
  source_ami_region = "eu-west-1"
}

# --- what holds for all of them -------------------------------------------------------------------

resource "aws_ebs_encryption_by_default" "main" {
  enabled = true
}
