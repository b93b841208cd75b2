/* How the clients move: of each ten, three stand, five run straight, two run in circles, and each
   thinks again every 3.2 s or so.  The model of prototype/udp/world.h, but that they keep to their homes,
   so that a town is still one after a minute. */

#include <math.h>

#include "crowd.h"

#define STEP_YARDS 0.35f        /* 7 yards a second for 50 ms */
#define CIRCLING 0.10f          /* radians a step */
#define TURN 6.2831853f
#define FORWARD 1
#define TURN_LEFT 0x10
#define UNTOLD 64               /* inputs: a client that is not told where it is begins by itself */
#define STANDING 3              /* modes below it */
#define CIRCLES 8               /* modes from it */

static uint64_t next_random(uint64_t *state)    /* splitmix64 */
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double crowd_random(uint64_t *state)
{
    return (double)(next_random(state) >> 11) * (1.0 / 9007199254740992.0);
}

static uint16_t to_yaw(float radians)
{
    return (uint16_t)(int32_t)(radians * (65536.0f / TURN));
}

static void remember(crowd *it, uint32_t index, int32_t x, int32_t y, int32_t z, uint16_t flags)
{
    crowd_client *client = &it->clients[index];
    crowd_input *input = &client->inputs[++client->input % CROWD_INPUTS];
    crowd_truth *truth = &it->truths[index];

    *input = (crowd_input){x, y, z, to_yaw(client->yaw), flags};
    truth->moving = (flags & FORWARD) != 0;
    truth->x = x;
    truth->y = y;
    truth->z = z;
}

void crowd_place(crowd *it, uint32_t index, int32_t x, int32_t y, int32_t z, uint16_t yaw)
{
    crowd_client *client = &it->clients[index];

    client->x = (float)x / 64;
    client->y = (float)y / 64;
    client->yaw = (float)yaw * (TURN / 65536.0f);
    client->placed = (crowd_input){x, y, z, yaw, 0};
    for (int i = 0; i < CROWD_INPUTS; i++) client->inputs[i] = client->placed;
    it->truths[index].x = x;
    it->truths[index].y = y;
    it->truths[index].z = z;
}

static void think(crowd_client *client)
{
    if (next_random(&client->chance) % 64 == 0) client->mode = (uint8_t)(next_random(&client->chance) % 10);
    if (client->mode < STANDING) return;
    if (client->mode >= CIRCLES)
        client->yaw += CIRCLING;
    else if (next_random(&client->chance) % 32 == 0)
        client->yaw += (float)(crowd_random(&client->chance) - 0.5) * 1.5f;
}

/* One input of 50 ms. */
void crowd_walk(crowd *it, uint32_t index)
{
    crowd_client *client = &it->clients[index];
    const crowd_input *was = &client->inputs[client->input % CROWD_INPUTS];
    float dx = client->home_x - client->x, dy = client->home_y - client->y;
    uint16_t flags = FORWARD;

    think(client);
    if (client->mode < STANDING || !client->settled) {
        client->settled |= client->input > UNTOLD;
        remember(it, index, was->x, was->y, was->z, 0);
        return;
    }
    if (dx * dx + dy * dy > client->home_radius * client->home_radius
        && dx * cosf(client->yaw) + dy * sinf(client->yaw) < 0)
        client->yaw = atan2f(dy, dx) + (float)(crowd_random(&client->chance) - 0.5) * 2.0f;
    client->yaw -= TURN * floorf(client->yaw * (1 / TURN));
    client->x += cosf(client->yaw) * STEP_YARDS;
    client->y += sinf(client->yaw) * STEP_YARDS;
    if (client->mode >= CIRCLES) flags |= TURN_LEFT;
    remember(it, index, (int32_t)lrintf(client->x * 64), (int32_t)lrintf(client->y * 64),
             (int32_t)lrintf((6 * sinf(client->x * 0.02f) + 4 * cosf(client->y * 0.03f)) * 64), flags);
}
