-- MariaDB dump 10.19
CREATE TABLE `t` (a int);
INSERT INTO `t` VALUES (1);
-- Dump completed on 2026-11-24  0:00:00
